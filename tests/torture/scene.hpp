#pragma once
// The place and the parts of one scenario: a directory, the locks and objects in play.
#include <functional>
#include <cstdint>
#include <string>
#include <vector>

#include "support.hpp"

namespace vfslock::torture {

constexpr std::int64_t now = VFSLOCK_OWN_BOUND;

struct Scene {
  explicit Scene(const std::string &base) : folder(base), uri(folder.at("x")) {}
  ~Scene() { let_go(); }

  // Frees all that the scenario has made.
  void let_go();
  // After all of that the lock can be had at once, and nothing is left of it when it is released.
  void next_gets_it();

  // Ends the detached tenure there.
  void break_what_stands() const;

  impl::test::Folder folder;
  std::string uri;
  vfslock_client *client = nullptr;
  vfslock_options *options = nullptr;
  vfslock_lock *other = nullptr;  // in the way
  vfslock_lock *lock = nullptr;   // what the call is about, or has made
  vfslock_report *report = nullptr;
  vfslock_record *record = nullptr, *copy = nullptr;
  vfslock_cancel *cancel = nullptr;
  vfslock_list *list = nullptr;
  std::int32_t descriptor = -1;
  int bodies = 0, listed = 0;
  bool outlives = false;  // a detached tenure, which stays when its handle goes
};

struct Scenario {
  std::string name;  // of the function, and after a colon of the case
  std::function<void(Scene &)> prepare;
  std::function<vfslock_status(Scene &, vfslock_error **)> act;  // with the fault
  std::function<void(Scene &, vfslock_status)> judge;
  vfslock_status natural = VFSLOCK_OK;  // without a fault
  long least_calls = 0, least_allocations = 0;
  bool cold = false;         // in a process that does everything for the first time
  bool has_threads = false;  // which free memory when they end
  bool untakeable = false;   // there is no place for a lock
  bool apart = false;        // in a process of its own, since another library keeps memory of its errors
};

std::vector<Scenario> tenures();
std::vector<Scenario> objects();

}  // namespace vfslock::torture
