#include "scene.hpp"

#include <filesystem>

#include <unistd.h>

namespace vfslock::torture {

void Scene::let_go() {
  if (outlives) break_what_stands();
  vfslock_lock_close(lock, now);
  vfslock_lock_close(other, now);
  vfslock_list_free(list);
  vfslock_report_free(report);
  vfslock_record_free(copy);
  vfslock_record_free(record);
  vfslock_cancel_free(cancel);
  vfslock_options_free(options);
  vfslock_client_free(client);
  if (descriptor >= 0) close(descriptor);
  lock = other = nullptr;
  report = nullptr;
  list = nullptr;
  record = copy = nullptr;
  cancel = nullptr;
  options = nullptr;
  client = nullptr;
  descriptor = -1;
}

void Scene::break_what_stands() const {
  vfslock_report *what = nullptr;
  vfslock_inspect(nullptr, uri.c_str(), now, nullptr, &what, nullptr);
  if (vfslock_report_state(what) == VFSLOCK_REPORT_HELD)
    expect(vfslock_break_lock(nullptr, uri.c_str(), vfslock_report_id(what), now, nullptr, nullptr) == VFSLOCK_OK, "not broken");
  vfslock_report_free(what);
}

void Scene::next_gets_it() {
  std::filesystem::create_directories(std::filesystem::path(uri).parent_path());
  const std::int32_t stands = standing(uri);
  expect(free_to_take(stands), "not free to take: report " + std::to_string(stands));
  vfslock_lock *next = acquire(uri, Options(60'000));
  expect(next && vfslock_lock_is_held(next) == 1, "the next one cannot have the lock at once");
  const bool keeps = vfslock_lock_release(next, now, nullptr, nullptr) == VFSLOCK_OK &&
                     standing(uri) == VFSLOCK_REPORT_RELEASED;  // the record said so
  vfslock_lock_free(next);
  expect(keeps || standing(uri) == VFSLOCK_REPORT_FREE, "not free after the next one's release");
  expect(temporaries(folder) == 0, "a temporary outlived the next one");
}

}  // namespace vfslock::torture
