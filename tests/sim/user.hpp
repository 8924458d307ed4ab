#pragma once
// What an activity does with the lock: acquires in all ways, holds with a keeper beside it, and leaves in all ways.
#include <memory>

#include "lock/acquire.hpp"
#include "lock/keep.hpp"
#include "stores.hpp"

namespace vfslock::sim {

// What the users of a run share.
struct Stage {
  Loop &loop;
  Dice &dice;
  const Plan &plan;
  Tally &tally;
  Server &server;
  Oracle &oracle;
  std::optional<Duration> healed_at = {};       // from now on everybody takes the lock once more and leaves
  std::optional<Duration> first_after_heal = {};
};

// One write in flight for each handle (R10): what the runtime does with a mutex.
class Turn {
 public:
  Turn(Loop &loop, bool &busy) : loop_(loop), busy_(busy) {
    while (busy_) loop_.block(loop_.now() + milliseconds(1));
    busy_ = true;
  }
  ~Turn() { busy_ = false; }
  Turn(const Turn &) = delete;
  Turn &operator=(const Turn &) = delete;

 private:
  Loop &loop_;
  bool &busy_;
};

class User {
 public:
  User(Stage &stage, Node &node, std::shared_ptr<impl::Store> store, std::string name);
  void run();

 private:
  // A lock that is held, its keeper's state, and what the two share.
  struct Session {
    Session(Stage &stage, Node &node, std::unique_ptr<impl::Holder> held, bool renewal, const std::string &who);
    ~Session();
    Stage &stage;
    std::unique_ptr<impl::Holder> holder;
    impl::Care care;
    Watched &watched;
    impl::Cancel stop;  // ends a renewal in flight
    bool busy = false;
    bool over = false;
  };

  void errand();
  void last_errand();
  impl::Options options();
  void judge_refusal(const impl::Error &error);
  void hold(const std::shared_ptr<Session> &session);
  void keep(const std::shared_ptr<Session> &session);
  impl::Call for_a_while(const impl::Holder &holder);
  bool renew(Session &session);
  void check(Session &session);
  void release(Session &session, bool for_sure);
  std::shared_ptr<Session> begin(std::unique_ptr<impl::Holder> holder, bool renewal);
  void pause(Duration most);

  Stage &stage_;
  Node &node_;
  impl::Target target_;
  std::string name_;
};

}  // namespace vfslock::sim
