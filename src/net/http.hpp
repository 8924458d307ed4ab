#pragma once
// HTTP over libcurl, one blocking exchange at a time, many of them at once.
//
// Nothing is followed, retried or decided here: what came back is reported as it was, and where nothing whole came
// back, whether the request may have reached the server. (libcurl itself sends a request again when a kept connection
// turns out dead before any answer: the protocol's R6 takes care of that.)
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/call.hpp"
#include "base/result.hpp"

namespace vfslock::impl::net {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  // "GET", "PUT", "POST", "DELETE"
  std::string url;     // goes over the wire as it is: encoded, never normalised
  std::vector<Header> headers;
  std::string body;
  std::size_t longest_answer = 64 * 1024;  // bytes of the answer's body; what is longer is cut off
  bool direct = false;                     // never by a proxy: metadata services
};

struct Answer {
  int status = 0;
  std::vector<Header> headers;  // names in lower case
  std::string body;
  bool cut = false;     // there was more of it
  BootTime received{};  // when it was whole

  const std::string *header(std::string_view lower_case_name) const;  // the first; nullptr where there is none
};

// No whole answer. `sent`: bytes may have reached the server. The cause is UNAVAILABLE or CANCELLED.
struct NoAnswer {
  bool sent = false;
  Error cause;
};

using Exchange = std::variant<Answer, NoAnswer>;

struct HttpSettings {
  std::string ca_file;     // "": where this system keeps them
  std::string proxy;       // "": none; the environment's is not used
  std::string user_agent;  // "": ours
};

// Thread-safe. Keeps connections for later requests, but none after a time-out or a transport error (R11). In a forked
// child it begins without connections: its parent's are left alone.
class Http {
 public:
  explicit Http(HttpSettings settings);
  ~Http();
  Http(const Http &) = delete;
  Http &operator=(const Http &) = delete;

  // Ends at the deadline, or soon after a cancellation. Whether the URL may be used at all (http or https) is the
  // caller's to check: address.hpp.
  Exchange exchange(const Request &request, const Call &call);

 private:
  class Channel;
  class Pool;
  const HttpSettings settings_;
  const std::unique_ptr<Pool> pool_;
};

// RFC 9110 dates ("Sun, 06 Nov 1994 08:49:37 GMT"), whatever the locale.
std::optional<WallTime> parse_http_date(const std::string &text);

}  // namespace vfslock::impl::net
