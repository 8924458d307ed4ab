#include "loop.hpp"

#include <algorithm>
#include <cstdio>

namespace vfslock::sim {

std::string in_seconds(Duration d) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", static_cast<double>(d.count()) / 1e9);
  return text;
}

void Loop::at(Duration when, std::function<void()> what) {
  events_.push_back({std::max(when, now_), order_++, std::move(what)});
  std::push_heap(events_.begin(), events_.end());
}

bool Loop::step() {
  if (events_.empty()) return false;
  std::pop_heap(events_.begin(), events_.end());
  Event event = std::move(events_.back());
  events_.pop_back();
  now_ = event.at;
  event.what();
  return true;
}

Activity &Loop::spawn(std::string name, Process &process, std::function<void()> body) {
  activities_.push_back(std::make_unique<Activity>(std::move(name), process, [this, body = std::move(body)] {
    try {
      if (!current_->killed) body();
    } catch (const Killed &) {
    }
  }));
  Activity &activity = *activities_.back();
  wake(activity);
  return activity;
}

bool Loop::idle() const {
  return std::all_of(activities_.begin(), activities_.end(), [](const auto &a) { return a->fiber.ended(); });
}

void Loop::run(Activity &activity) {
  current_ = &activity;
  activity.fiber.resume();
  current_ = nullptr;
}

// Wakes an activity if it still is in that wait; a stopped process notices when it goes on.
void Loop::ready(Activity &activity, std::uint64_t wait) {
  if (activity.fiber.ended() || activity.waits != wait) return;
  if (activity.process.stopped) {
    activity.process.held_up.push_back([this, &activity, wait] { ready(activity, wait); });
    return;
  }
  ++activity.waits;
  run(activity);
}

void Loop::block(Duration until) {
  Activity &self = *current_;
  const std::uint64_t wait = ++self.waits;
  if (until != forever) at(until, [this, &self, wait] { ready(self, wait); });
  self.fiber.yield();
  if (!self.killed) return;
  self.cancel = nullptr;
  self.hint = nullptr;
  throw Killed{};
}

void Loop::wake(Activity &activity) {
  at(now_, [this, &activity, wait = activity.waits] { ready(activity, wait); });
}

void Loop::trigger(impl::Cancel &cancel) {
  cancel.trigger();
  for (auto &activity : activities_)
    if (activity->cancel == &cancel) wake(*activity);
}

void Loop::go_on(Process &process) {
  process.stopped = false;
  for (auto &what : std::exchange(process.held_up, {})) at(now_, std::move(what));
}

void Loop::kill(Activity &activity) {
  if (activity.fiber.ended()) return;
  activity.killed = true;
  ++activity.waits;
  run(activity);
}

void Loop::crash(Process &process) {
  process.dead = true;
  process.stopped = false;
  process.held_up.clear();
  for (std::size_t i = 0; i < activities_.size(); ++i)
    if (&activities_[i]->process == &process) kill(*activities_[i]);
}

void Loop::kill_all() {
  for (std::size_t i = 0; i < activities_.size(); ++i) kill(*activities_[i]);
}

void Loop::write(const std::string &who, const std::string &text) {
  char head[64];
  std::snprintf(head, sizeof head, "%12s  %-8s ", in_seconds(now_).c_str(), who.c_str());
  trace += head + text + "\n";
}

void Loop::fail(const std::string &what) {
  if (!failure_.empty()) return;
  failure_ = "at " + in_seconds(now_) + ": " + what;
  say("oracle", [&] { return "FAILED " + what; });
}

}  // namespace vfslock::sim
