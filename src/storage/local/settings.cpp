#include <charconv>

#include "storage/local/local.hpp"

namespace vfslock::impl {

Result<LocalSettings> local_settings(const Settings &settings) {
  LocalSettings out;
  if (const auto mode = setting_or(settings, "file.mode", ""); !mode.empty()) {
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(mode.data(), mode.data() + mode.size(), bits, 8);
    // Its owner must be able to renew it.
    if (error != std::errc() || end != mode.data() + mode.size() || bits > 0777 || (bits & 0600) != 0600)
      return bad_setting("file.mode", mode, "octal permissions that let the owner read and write, as in 0640");
    out.mode = static_cast<mode_t>(bits);
  }
  auto allow_sticky = boolean_setting(settings, "file.allow_sticky", out.allow_sticky);
  if (!allow_sticky) return allow_sticky.error();
  out.allow_sticky = *allow_sticky;
  auto durable = boolean_setting(settings, "file.durable", out.durable);
  if (!durable) return durable.error();
  out.durable = *durable;
  const auto layout = setting_or(settings, "file.layout", "auto");
  if (layout != "auto" && layout != "rename") return bad_setting("file.layout", layout, "auto or rename");
  out.layout = layout == "rename" ? LocalLayout::rename : LocalLayout::automatic;
  return out;
}

}  // namespace vfslock::impl
