#include "base/rfc3339.hpp"

#include <cstdint>

namespace vfslock::impl {
namespace {

using std::chrono::floor;
using Days = std::chrono::days;
using Date = std::chrono::sys_days;

constexpr std::int64_t per_second = 1'000'000'000;

// Reads fixed-width fields from the left; once something did not match, nothing matches any more.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}

  int digits(std::size_t count, int low, int high) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!at_digit()) return fail();
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value < low || value > high ? fail() : value;
  }

  bool take(char c) {
    if (!ok_ || rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail();
  }

  std::int64_t nanoseconds() {
    if (!at_digit()) return fail();
    std::int64_t value = 0;
    for (std::int64_t scale = per_second / 10; at_digit(); scale /= 10) {
      value += (rest_.front() - '0') * scale;
      rest_.remove_prefix(1);
    }
    return value;
  }

  int fail() {
    ok_ = false;
    return 0;
  }

  bool done() const { return ok_ && rest_.empty(); }

 private:
  bool at_digit() const { return ok_ && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

std::string format_rfc3339(WallTime time) {
  const Duration since_epoch = time.time_since_epoch();
  const Days day = floor<Days>(since_epoch);
  const std::chrono::year_month_day date{Date(day)};
  // In whole seconds: the first day that WallTime can hold has no midnight in it.
  const std::chrono::seconds second = floor<std::chrono::seconds>(since_epoch);
  const auto in_day = static_cast<int>((second - std::chrono::seconds(day)).count());
  const auto nanos = static_cast<int>((since_epoch.count() % per_second + per_second) % per_second);
  std::string out;
  out.reserve(30);
  const auto put = [&out](int value, int digits) {
    out.append(static_cast<std::size_t>(digits), '0');
    for (std::size_t at = out.size(); value > 0; value /= 10) out[--at] = static_cast<char>('0' + value % 10);
  };
  put(static_cast<int>(date.year()), 4);  // 1677 to 2262
  out += '-';
  put(static_cast<int>(static_cast<unsigned>(date.month())), 2);
  out += '-';
  put(static_cast<int>(static_cast<unsigned>(date.day())), 2);
  out += 'T';
  put(in_day / 3600, 2);
  out += ':';
  put(in_day / 60 % 60, 2);
  out += ':';
  put(in_day % 60, 2);
  if (nanos != 0) {
    out += '.';
    put(nanos, 9);
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out += 'Z';
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  Fields fields(text);
  const int year = fields.digits(4, 0, 9999);
  fields.expect('-');
  const int month = fields.digits(2, 1, 12);
  fields.expect('-');
  const int day = fields.digits(2, 1, 31);
  fields.expect('T');
  const int hour = fields.digits(2, 0, 23);
  fields.expect(':');
  const int minute = fields.digits(2, 0, 59);
  fields.expect(':');
  const int second = fields.digits(2, 0, 59);  // no leap second: the Go package takes none either
  const std::int64_t nanos = fields.take('.') ? fields.nanoseconds() : 0;
  int offset = 0;  // seconds east of UTC
  if (!fields.take('Z')) {
    const int sign = fields.take('-') ? -1 : 1;
    if (sign > 0) fields.expect('+');
    offset = fields.digits(2, 0, 23) * 3600;
    fields.expect(':');
    offset = sign * (offset + fields.digits(2, 0, 59) * 60);
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!fields.done() || !date.ok()) return std::nullopt;

  const std::int64_t seconds = std::int64_t{Date(date).time_since_epoch().count()} * 86400 + hour * 3600 +
                               minute * 60 + second - offset;
  // The last second at each end would need care with its nanoseconds; nobody misses it.
  if (seconds >= WallTime::max().time_since_epoch().count() / per_second) return WallTime::max();
  if (seconds <= WallTime::min().time_since_epoch().count() / per_second) return WallTime::min();
  return WallTime(Duration(seconds * per_second + nanos));
}

}  // namespace vfslock::impl
