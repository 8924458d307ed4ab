#pragma once
// The way between a node and the store: where requests are lost, late, doubled and overtaken.
#include <map>
#include <memory>
#include <variant>

#include "server.hpp"

namespace vfslock::sim {

// S3's 409: surely not applied, send it again. And its 5xx and 429: nothing that can be trusted.
struct Conflict {};
struct Unclear {
  std::optional<Duration> retry_after;
};
using Answer = std::variant<impl::Look, impl::Landed, impl::Refused, impl::Done, Conflict, Unclear>;

struct Request {
  enum class Kind { get, put, remove };
  Kind kind;
  impl::Condition condition = {};
  std::string bytes = {};

  std::uint64_t number = 0;
  Author author = {};
  Activity *sender = nullptr;
  Duration time_left{};      // true time until the sender gives up
  Duration lease{};          // the longest of the run: what "late" is measured by
  bool waited_for = true;    // the sender has not given up
  std::optional<Answer> answer = {};
  struct Copy {
    Duration lands_at;
    Duration answer_takes;
    bool answers = false;    // its answer is the one that comes
    bool landed = false;
  };
  std::vector<Copy> copies = {};
  bool took_effect = false;
  bool conflict = false;     // refused whatever the condition
};

class Network {
 public:
  Network(Loop &loop, Dice &dice, const Plan &plan, Tally &tally, Server &server)
      : loop_(loop), dice_(dice), plan_(plan), tally_(tally), server_(server) {}

  // Sends, and waits for the answer as long as the call may take. nullopt: none came.
  std::optional<Answer> exchange(Node &node, Request request, const impl::Call &call);
  // Turned away by the store before anything was done.
  std::optional<impl::Error> turned_away(Node &node);

  void heal();  // no fault from now on; what is on its way lands at once
  Server &server() { return server_; }
  void count(Count what) { tally_(what); }
  Loop &loop() { return loop_; }

 private:
  void decide(Node &node, Request &request);
  void land(const std::shared_ptr<Request> &request, std::size_t copy);
  Answer apply(Request &request);
  void count_landing(const Request &request, std::size_t copy, bool effect);

  Loop &loop_;
  Dice &dice_;
  const Plan &plan_;
  Tally &tally_;
  Server &server_;
  bool healed_ = false;
  std::vector<std::shared_ptr<Request>> flying_;
  std::vector<std::function<void()>> gap_seekers_;  // late copies of creates that land when the record is removed
  std::map<const Node *, std::uint64_t> newest_landed_;  // the newest write of each process that has landed
};

}  // namespace vfslock::sim
