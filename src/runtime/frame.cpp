#include "runtime/frame.hpp"

namespace vfslock::impl {
namespace {

thread_local const HandlerFrame *innermost = nullptr;

}  // namespace

HandlerFrame::HandlerFrame(const Lock *lock) noexcept : lock_(lock), outer_(innermost) { innermost = this; }
HandlerFrame::~HandlerFrame() { innermost = outer_; }

bool HandlerFrame::inside(const Lock *lock) noexcept {
  for (const HandlerFrame *frame = innermost; frame; frame = frame->outer_)
    if (frame->lock_ == lock) return true;
  return false;
}

bool HandlerFrame::deciding() noexcept { return inside(nullptr); }

}  // namespace vfslock::impl
