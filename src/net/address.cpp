#include "net/address.hpp"

#include <memory>

#include <arpa/inet.h>

#include "net/curl.hpp"
#include "net/text.hpp"

namespace vfslock::impl::net {
namespace {

struct FreeUrl {
  void operator()(CURLU *url) const { curl().url_cleanup(url); }
};

std::string part(CURLU *url, CURLUPart what) {
  char *text = nullptr;
  if (curl().url_get(url, what, &text, 0) != CURLUE_OK) return {};
  std::string out(text);
  curl().free(text);
  return out;
}

bool is_v6(const std::string &host) { return host.find(':') != std::string::npos; }

}  // namespace

std::string Address::authority() const {
  return (is_v6(host) ? "[" + host + "]" : host) + (port.empty() ? "" : ":" + port);
}

std::string Address::origin() const { return (tls ? "https://" : "http://") + authority(); }

Result<Address> parse_address(std::string_view text, std::string_view what) {
  // A password may be in it, so what was wrong is shown only where there is none.
  const bool showable = text.find('@') == std::string_view::npos;
  const auto wrong = [&](const std::string &why) {
    return Error{Status::INVALID_ARGUMENT, std::string(what) +
                                               (showable ? " is \"" + std::string(text) + "\": " : ": ") + why +
                                               "; write https://host or https://host:port"};
  };
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f)
      return Error{Status::INVALID_ARGUMENT,
                   std::string(what) + " has a space or a control byte in it; write https://host"};
  if (text.find("://") == std::string_view::npos) return wrong("there is no scheme");
  const std::unique_ptr<CURLU, FreeUrl> url(curl().url());
  if (!url) throw std::bad_alloc();
  const std::string whole(text);
  if (curl().url_set(url.get(), CURLUPART_URL, whole.c_str(), CURLU_PATH_AS_IS) != CURLUE_OK)
    return wrong("it is no URL");
  const std::string scheme = part(url.get(), CURLUPART_SCHEME);
  if (scheme != "https" && scheme != "http") return wrong("the scheme must be https or http");
  if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty() || !showable)
    return wrong("it must name no user and no password");
  if (text.find_first_of("?#") != std::string_view::npos) return wrong("it must have no query and no fragment");

  Address out;
  out.tls = scheme == "https";
  out.host = lower(part(url.get(), CURLUPART_HOST));
  if (!out.host.empty() && out.host.front() == '[') out.host = out.host.substr(1, out.host.size() - 2);
  if (out.host.empty()) return wrong("there is no host");
  out.port = part(url.get(), CURLUPART_PORT);
  if (out.port == (out.tls ? "443" : "80")) out.port.clear();
  out.prefix = part(url.get(), CURLUPART_PATH);
  while (!out.prefix.empty() && out.prefix.back() == '/') out.prefix.pop_back();
  return out;
}

bool is_loopback(const Address &address) {
  in_addr v4{};
  if (inet_pton(AF_INET, address.host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return address.host == "::1" || address.host == "localhost";
}

bool is_link_local(const Address &address) {
  in_addr v4{};
  if (inet_pton(AF_INET, address.host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 16) == 0xA9FE;
  in6_addr v6{};
  if (inet_pton(AF_INET6, address.host.c_str(), &v6) != 1) return false;
  if (v6.s6_addr[0] == 0xFE && (v6.s6_addr[1] & 0xC0) == 0x80) return true;
  return address.host == "fd00:ec2::254" || address.host == "fd00:ec2::23";
}

}  // namespace vfslock::impl::net
