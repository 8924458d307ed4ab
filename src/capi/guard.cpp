#include "capi/guard.hpp"

#include <exception>
#include <new>

#include "capi/handles.hpp"
#include "capi/objects.hpp"

namespace vfslock::impl {
namespace {

// Never destroyed: a program may fail while its static objects end.
alignas(vfslock_error) unsigned char no_memory_bytes[sizeof(vfslock_error)];

}  // namespace

vfslock_error *no_memory() noexcept {
  static auto *const one = new (no_memory_bytes) vfslock_error{Error{Status::NO_MEMORY, {}}, {}};
  return one;
}

vfslock_status fail(const Site &site, Error error, vfslock_error **ret_err) noexcept {
  const auto status = static_cast<vfslock_status>(error.status);
  if (!ret_err) return status;
  try {
    *ret_err = new_error(site, std::move(error));
    return status;
  } catch (...) {
    *ret_err = no_memory();
    return VFSLOCK_NO_MEMORY;
  }
}

vfslock_status fail_by_exception(const Site &site, vfslock_error **ret_err) noexcept {
  try {
    throw;
  } catch (const std::bad_alloc &) {
    if (ret_err) *ret_err = no_memory();
    return VFSLOCK_NO_MEMORY;
  } catch (const Failure &failure) {
    try {
      return fail(site, failure.error, ret_err);
    } catch (...) {  // the copy of the error
    }
  } catch (const std::exception &exception) {
    try {
      return fail(site, {Status::INTERNAL, std::string("an unexpected exception: ") + exception.what()}, ret_err);
    } catch (...) {
    }
  } catch (...) {
    return fail(site, {Status::INTERNAL, {}}, ret_err);
  }
  if (ret_err) *ret_err = no_memory();
  return VFSLOCK_NO_MEMORY;
}

}  // namespace vfslock::impl
