#include "net/http.hpp"

#include <algorithm>
#include <array>
#include <mutex>

#include <sys/socket.h>

#include "base/clock.hpp"
#include "base/fork.hpp"
#include "net/curl.hpp"
#include "net/mutex.hpp"
#include "net/sigpipe.hpp"
#include "net/text.hpp"
#include "net/wakeup_pair.hpp"

namespace vfslock::impl::net {
namespace {

constexpr std::size_t longest_headers = 64 * 1024;  // RELIABILITY §10
constexpr std::size_t most_idle = 16;               // connections; threads that send at once have one each
// A cancel without a descriptor is only looked at; else this bounds what a clock step could do to curl's own wait.
constexpr Duration blind_wait = std::chrono::milliseconds(50);
constexpr Duration longest_wait = std::chrono::seconds(1);

struct Arriving {
  Answer answer;
  std::size_t header_bytes = 0;
  std::size_t longest_body = 0;
};

// Nothing may be thrown through libcurl's frames. 0 ends the transfer, and with it the connection.
template <class Take>
std::size_t guarded(std::size_t size, Take take) noexcept {
  try {
    return take() ? size : 0;
  } catch (...) {  // no memory
    return 0;
  }
}

std::size_t take_header(char *bytes, std::size_t one, std::size_t count, void *user) {
  auto &arriving = *static_cast<Arriving *>(user);
  return guarded(one * count, [&] {
    const std::string_view line(bytes, one * count);
    if ((arriving.header_bytes += line.size()) > longest_headers) return false;
    if (line.substr(0, 5) == "HTTP/") arriving.answer.headers.clear();  // a final answer after an interim one
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos)
      arriving.answer.headers.push_back({lower(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1)))});
    return true;
  });
}

std::size_t take_body(char *bytes, std::size_t one, std::size_t count, void *user) {
  auto &arriving = *static_cast<Arriving *>(user);
  return guarded(one * count, [&] {
    const std::size_t size = one * count, room = arriving.longest_body - arriving.answer.body.size();
    arriving.answer.body.append(bytes, std::min(size, room));
    arriving.answer.cut = arriving.answer.cut || size > room;
    return !arriving.answer.cut;
  });
}

curl_socket_t open_socket(void *, curlsocktype, curl_sockaddr *address) {
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

struct FreeList {
  void operator()(curl_slist *list) const { curl().slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

HeaderList header_list(const Request &request) {
  HeaderList list;
  const auto add = [&](const std::string &line) {
    curl_slist *longer = curl().slist_append(list.get(), line.c_str());
    if (!longer) throw std::bad_alloc();
    (void)list.release();
    list.reset(longer);
  };
  bool typed = false;
  for (const Header &header : request.headers) {
    typed = typed || lower(header.name) == "content-type";
    add(header.name + (header.value.empty() ? ";" : ": " + header.value));
  }
  if (!typed) add("Content-Type:");  // curl's own would say that it is a form
  add("Expect:");                    // no 100-continue: a server that ignores it would cost a second
  add("Accept:");
  return list;
}

Status status_of(CURLcode code) {
  switch (code) {
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return Status::INVALID_ARGUMENT;
    case CURLE_OUT_OF_MEMORY: return Status::NO_MEMORY;
    default: return Status::UNAVAILABLE;
  }
}

std::string host_of(const std::string &url) {
  const std::size_t start = url.find("://");
  return url.substr(0, url.find_first_of("/?", start == std::string::npos ? 0 : start + 3));
}

}  // namespace

const std::string *Answer::header(std::string_view name) const {
  for (const Header &one : headers)
    if (one.name == name) return &one.value;
  return nullptr;
}

// One connection at a time, and the handles that drive it.
class Http::Channel {
 public:
  Channel() : easy_(curl().easy_init()), multi_(new_multi()) {
    if (!easy_) throw std::bad_alloc();
    curl().multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, 4L);
  }

  ~Channel() {
    const SigpipeBlocked blocked;  // closing a TLS connection writes to it
    multi_.reset();
    easy_.reset();
  }

  Exchange run(const Request &request, const HttpSettings &settings, const Call &call);
  bool is_sound() const { return sound_; }

 private:
  struct FreeEasy {
    void operator()(CURL *easy) const { curl().easy_cleanup(easy); }
  };
  struct FreeMulti {
    void operator()(CURLM *multi) const { curl().multi_cleanup(multi); }
  };
  struct End {
    CURLcode code = CURLE_OK;
    Status status = Status::OK;  // CANCELLED, or UNAVAILABLE at the deadline; else as the code says
  };
  template <class Value>
  void set(CURLoption option, Value value) {
    const CURLcode code = curl().easy_setopt(easy_.get(), option, value);
    if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
    if (code != CURLE_OK)
      throw Failure{Error{Status::INTERNAL, "libcurl takes no option " + std::to_string(static_cast<int>(option))}};
  }
  void prepare(const Request &request, const HttpSettings &settings, curl_slist *headers, Arriving &arriving);
  End transfer(const Call &call);
  End wait_for_end(const Call &call);

  std::unique_ptr<CURL, FreeEasy> easy_;
  std::unique_ptr<CURLM, FreeMulti> multi_;
  std::array<char, CURL_ERROR_SIZE> why_{};
  bool sound_ = true;
};

void Http::Channel::prepare(const Request &request, const HttpSettings &settings, curl_slist *headers,
                            Arriving &arriving) {
  curl().easy_reset(easy_.get());
  why_[0] = '\0';
  set(CURLOPT_ERRORBUFFER, why_.data());
  set(CURLOPT_NOSIGNAL, 1L);  // else libcurl would ignore SIGPIPE, and take SIGALRM, for the whole process
  set(CURLOPT_QUICK_EXIT, 1L);  // a name that is still being resolved holds nobody up
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));  // nothing that could refuse a stream (F30)
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_PROXY, request.direct ? "" : settings.proxy.c_str());  // "" also turns the environment's off
  if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
  set(CURLOPT_USERAGENT, settings.user_agent.empty() ? "vfslock" : settings.user_agent.c_str());
  set(CURLOPT_OPENSOCKETFUNCTION, open_socket);
  set(CURLOPT_HTTPHEADER, headers);
  set(CURLOPT_HEADERFUNCTION, take_header);
  set(CURLOPT_HEADERDATA, &arriving);
  set(CURLOPT_WRITEFUNCTION, take_body);
  set(CURLOPT_WRITEDATA, &arriving);
  if (request.method != "GET") {
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.method != "DELETE") {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(CURLOPT_POSTFIELDS, request.body.c_str());
    }
  }
}

Http::Channel::End Http::Channel::wait_for_end(const Call &call) {
  const int cancel_fd = call.cancel ? call.cancel->descriptor() : -1;
  for (;;) {
    int running = 0;
    if (const CURLMcode code = curl().multi_perform(multi_.get(), &running); code != CURLM_OK)
      return {CURLE_FAILED_INIT, code == CURLM_OUT_OF_MEMORY ? Status::NO_MEMORY : Status::INTERNAL};
    if (running == 0) break;
    if (call.cancel && call.cancel->is_triggered()) return {CURLE_ABORTED_BY_CALLBACK, Status::CANCELLED};
    const Duration left = call.deadline == never ? longest_wait : call.deadline - boot_now();
    if (left <= Duration::zero()) return {CURLE_OPERATION_TIMEDOUT, Status::UNAVAILABLE};
    const Duration wait = std::min(left, call.cancel && cancel_fd < 0 ? blind_wait : longest_wait);
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(wait + std::chrono::microseconds(999)).count();
    curl_waitfd news{cancel_fd, CURL_WAIT_POLLIN, 0};
    curl().multi_poll(multi_.get(), &news, cancel_fd >= 0 ? 1 : 0, static_cast<int>(ms), nullptr);
  }
  int more = 0;
  const CURLMsg *message = curl().multi_info_read(multi_.get(), &more);
  return {message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_FAILED_INIT};
}

Http::Channel::End Http::Channel::transfer(const Call &call) {
  const SigpipeBlocked blocked;
  if (curl().multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) throw std::bad_alloc();
  const End end = wait_for_end(call);
  curl().multi_remove_handle(multi_.get(), easy_.get());
  return end;
}

Exchange Http::Channel::run(const Request &request, const HttpSettings &settings, const Call &call) {
  Arriving arriving;
  arriving.longest_body = request.longest_answer;
  const HeaderList headers = header_list(request);
  prepare(request, settings, headers.get(), arriving);
  sound_ = false;
  const End end = transfer(call);
  arriving.answer.received = boot_now();
  long status = 0, sent = 0;
  curl().easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  curl().easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &sent);
  arriving.answer.status = static_cast<int>(status);
  sound_ = end.code == CURLE_OK;
  const bool whole = end.code == CURLE_OK || (end.code == CURLE_WRITE_ERROR && arriving.answer.cut);
  if (whole && status > 0) return std::move(arriving.answer);

  const std::string host = host_of(request.url);
  Error cause{end.status == Status::OK ? status_of(end.code) : end.status, {}};
  if (end.status == Status::CANCELLED) cause.message = "the request to " + host + " was cancelled";
  else if (end.code == CURLE_OPERATION_TIMEDOUT)
    cause.message = sent > 0 ? host + " did not answer in time" : host + " could not be reached in time";
  else
    cause.message = std::string(sent > 0 ? "the connection to " + host + " broke: " : "cannot reach " + host + ": ") +
                    (why_[0] != '\0' ? why_.data() : curl().easy_strerror(end.code));
  return NoAnswer{sent > 0, std::move(cause)};
}

// The channels that nobody uses now, the latest first: its connection is the likeliest to be alive.
class Http::Pool {
 public:
  ~Pool() {
    if (generation_ != fork_generation()) forget();
  }

  std::unique_ptr<Channel> take() {
    {
      const std::lock_guard locked(mutex());
      if (generation_ != fork_generation()) forget();
      if (!idle_.empty()) {
        auto channel = std::move(idle_.back());
        idle_.pop_back();
        return channel;
      }
    }
    return std::make_unique<Channel>();
  }

  void give_back(std::unique_ptr<Channel> channel) {
    const std::lock_guard locked(mutex());
    if (idle_.size() < most_idle && channel->is_sound()) idle_.push_back(std::move(channel));
  }  // else closed, after the mutex is free

 private:
  // A parent's connections: closing them here would say good-bye to its servers.
  void forget() {
    for (auto &channel : idle_) abandon(std::shared_ptr<Channel>(std::move(channel)));
    idle_.clear();
    generation_ = fork_generation();
  }

  std::vector<std::unique_ptr<Channel>> idle_;
  std::uint64_t generation_ = fork_generation();
};

Http::Http(HttpSettings settings) : settings_(std::move(settings)), pool_(std::make_unique<Pool>()) { (void)curl(); }
Http::~Http() = default;

Exchange Http::exchange(const Request &request, const Call &call) {
  auto channel = pool_->take();
  const std::uint64_t generation = fork_generation();
  Exchange exchange = channel->run(request, settings_, call);
  if (generation == fork_generation()) pool_->give_back(std::move(channel));
  else abandon(std::shared_ptr<Channel>(std::move(channel)));
  return exchange;
}

std::optional<WallTime> parse_http_date(const std::string &text) {
  const time_t seconds = curl().getdate(text.c_str(), nullptr);
  if (seconds < 0) return std::nullopt;
  return WallTime(std::chrono::seconds(seconds));
}

}  // namespace vfslock::impl::net
