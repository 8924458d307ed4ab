#include "capi/arguments.hpp"
#include "capi/guard.hpp"

using namespace vfslock::impl;

vfslock_status vfslock_cancel_new(vfslock_cancel **ret_cancel, vfslock_error **ret_err) {
  return guard("cancel_new", ret_err, [&](Site &) -> Result<Done> {
    vfslock_cancel *&out = given(ret_cancel, "ret_cancel");
    out = new vfslock_cancel{std::make_shared<Cancel>()};
    return Done{};
  });
}

void vfslock_cancel_trigger(vfslock_cancel *cancel) {
  if (cancel) cancel->inner->trigger();
}

std::int32_t vfslock_cancel_is_triggered(const vfslock_cancel *cancel) {
  return cancel && cancel->inner->is_triggered() ? 1 : 0;
}

void vfslock_cancel_free(vfslock_cancel *cancel) { delete cancel; }
