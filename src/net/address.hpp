#pragma once
// URLs as users configure endpoints: scheme, host, port, and a path that goes before each request's.
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vfslock::impl::net {

struct Address {
  bool tls = true;
  std::string host;    // lower case; IPv6 without its brackets
  std::string port;    // "" for the scheme's own
  std::string prefix;  // "" or "/path" without a slash at its end; encoded

  std::string authority() const;  // host, and port where it is not the scheme's own: what "Host:" says
  std::string origin() const;     // "https://host:port"
};

// INVALID_ARGUMENT says what is wrong with `text` (which must hold no user, password, query or fragment) and what would
// be right. `what` names where it came from: "s3.endpoint".
Result<Address> parse_address(std::string_view text, std::string_view what);

bool is_loopback(const Address &address);    // 127.0.0.0/8, ::1, localhost
bool is_link_local(const Address &address);  // 169.254.0.0/16, fe80::/10, and fd00:ec2::254 and fd00:ec2::23

}  // namespace vfslock::impl::net
