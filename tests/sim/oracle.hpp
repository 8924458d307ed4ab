#pragma once
// What must be true after each step, by true time.
#include <list>
#include <optional>
#include <set>
#include <string>

#include "lock/holder.hpp"
#include "node.hpp"

namespace vfslock::sim {

struct Object;
struct Author;

// One handle of an activity, from the return of acquire until it is dropped or its process crashes.
struct Watched {
  Node *node;
  impl::Holder *holder;
  std::string who;
  std::string lock_id;
  bool believes = false;   // by its own clock, asked without side effects
  bool told_lost = false;  // asked, and the answer was "lost"
  bool ended = false;      // its record was replaced or removed by somebody else
  bool suspect = false;
  bool overslept = false;  // its process was stopped beyond the deadline
};

class Oracle {
 public:
  Oracle(Loop &loop, Dice &dice, const Plan &plan, Tally &tally) : loop_(loop), dice_(dice), plan_(plan), tally_(tally) {}

  Watched &watch(Node &node, impl::Holder &holder, const std::string &who, const std::optional<Object> &object);
  void unwatch(Watched &watched);
  void step();
  void clock_stepped(Node &node, Duration by);
  void changed(const Author &author, const std::optional<Object> &before, const std::optional<Object> &after);
  void crashed(const Node &node);

  bool believed(const std::string &lock_id) const;
  std::uint64_t believers() const;

 private:
  void ask(Watched &watched);
  void check_replaced(const Author &author, const Object &before, const std::optional<Object> &after);
  void check_chain(const Object &before, const Object &after);
  void check_grant(const Object &after);

  Loop &loop_;
  Dice &dice_;
  const Plan &plan_;
  Tally &tally_;
  std::list<Watched> watched_;
  std::set<std::string> versions_;  // every version that ever was
  std::set<std::string> replaced_;  // of these, those that are gone
  std::set<std::string> writes_;    // every writeId that ever landed
  std::int64_t highest_token_ = 0;
};

}  // namespace vfslock::sim
