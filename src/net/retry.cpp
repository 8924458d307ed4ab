#include "net/retry.hpp"

#include <algorithm>
#include <charconv>

#include <poll.h>

#include "base/clock.hpp"

namespace vfslock::impl::net {

std::optional<Duration> retry_after(const Answer &answer) {
  const std::string *text = answer.header("retry-after");
  if (!text) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size()) {
    const auto then = parse_http_date(*text);
    const std::string *date = answer.header("date");
    const auto now = date ? parse_http_date(*date) : std::nullopt;
    if (!then || !now) return std::nullopt;
    seconds = std::chrono::duration_cast<std::chrono::seconds>(*then - *now).count();
  }
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 1, 24 * 3600));
}

bool Pauses::take(const Call &call) {
  std::uint32_t random = 0;
  random_bytes(&random, sizeof random);
  const Duration most = std::min(longest_, last_ * 3);
  last_ = first_ +
          Duration(static_cast<std::int64_t>(static_cast<double>((most - first_).count()) * (random / 4294967296.0)));
  const BootTime until = saturating_add(boot_now(), last_);
  if (until >= call.deadline) return false;
  pollfd news{call.cancel ? call.cancel->descriptor() : -1, POLLIN, 0};
  for (;;) {
    if (call.cancel && call.cancel->is_triggered()) return false;
    const Duration left = until - boot_now();
    if (left <= Duration::zero()) return true;
    const auto part =
        std::min<Duration>(left, news.fd < 0 && call.cancel ? std::chrono::milliseconds(50) : std::chrono::seconds(1));
    const timespec time{static_cast<time_t>(part.count() / 1'000'000'000),
                        static_cast<long>(part.count() % 1'000'000'000)};
    ppoll(&news, 1, &time, nullptr);
  }
}

}  // namespace vfslock::impl::net
