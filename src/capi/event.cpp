#include <string_view>

#include "capi/handles.hpp"

vfslock_lock *vfslock_event_lock(const vfslock_event *event) { return event ? event->lock : nullptr; }
const char *vfslock_event_uri(const vfslock_event *event) { return event ? event->uri : nullptr; }
const vfslock_report *vfslock_event_report(const vfslock_event *event) { return event ? event->report : nullptr; }
const vfslock_error *vfslock_event_error(const vfslock_event *event) { return event ? event->error : nullptr; }

std::int64_t vfslock_event_number(const vfslock_event *event, const char *name) {
  if (!event || !name) return -1;
  for (const auto &number : event->numbers)
    if (number.name && name == std::string_view(number.name)) return number.value;
  return -1;
}

const char *vfslock_event_text(const vfslock_event *event, const char *name) {
  if (!event || !name) return nullptr;
  if (name == std::string_view("kind")) return event->kind;
  for (const auto &text : event->texts)
    if (text.name && name == std::string_view(text.name)) return text.value;
  return nullptr;
}
