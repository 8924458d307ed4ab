// The figures of `tools/bench s3`: vfslock on an S3 server beside raw conditional requests by libcurl, in one run.
#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <curl/curl.h>
#include <vfslock/vfslock.h>

#include "base/clock.hpp"
#include "net/aws/sigv4.hpp"
#include "series.hpp"

namespace {

using namespace vfslock::impl;

// Shared by all processes of a run.
struct Counts {
  std::atomic<std::uint64_t> requests{0}, holds{0}, overlaps{0};
  std::atomic<std::int32_t> inside{0};
};
Counts *counts = nullptr;

std::string variable(const char *name) {
  const char *value = std::getenv(name);
  if (!value) throw std::runtime_error(std::string(name) + " is not set: run this by tools/bench s3");
  return value;
}

void nap(std::int64_t us) {
  const timespec time{us / 1'000'000, us % 1'000'000 * 1000};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

// One kept connection, requests that were signed beforehand: the least that a lock on S3 can cost.
class Raw {
 public:
  explicit Raw(const std::string &key) : curl_(curl_easy_init(), curl_easy_cleanup) {
    const std::string path = "/" + variable("VFSLOCK_TEST_S3_BUCKET") + "/" + key;
    create_ = prepare({"PUT", path, {}, {{"If-None-Match", "*"}, {"Content-Type", "application/json"}}, body_});
    path_ = path;
  }

  bool create() {
    std::string etag;
    if (send(create_, "PUT", &etag) != 200) return false;
    if (etag != etag_) {  // of the same bytes it is the same each time
      etag_ = etag;
      remove_ = prepare({"DELETE", path_, {}, {{"If-Match", etag}}, {}});
    }
    return true;
  }
  void remove() {
    const long status = send(remove_, "DELETE", nullptr);
    if (status != 204 && status != 200) throw std::runtime_error("raw DELETE: " + std::to_string(status));
  }

 private:
  struct Prepared {
    std::string url;
    std::shared_ptr<curl_slist> headers;
  };

  static Prepared prepare(const net::AwsRequest &request) {
    net::AwsKeys keys;
    keys.access_key = variable("VFSLOCK_TEST_S3_ACCESS_KEY");
    keys.secret_key = Secret(variable("VFSLOCK_TEST_S3_SECRET_KEY"));
    const auto address = net::parse_address(variable("VFSLOCK_TEST_S3_ENDPOINT"), "endpoint");
    const net::Request whole = net::aws_sign(request, *address, keys, "us-east-1", "s3", wall_now());
    curl_slist *list = nullptr;
    for (const net::Header &header : whole.headers)
      list = curl_slist_append(list, (header.name + ": " + header.value).c_str());
    list = curl_slist_append(list, "Expect:");
    return {whole.url, {list, curl_slist_free_all}};
  }

  static std::size_t header(char *bytes, std::size_t, std::size_t size, void *etag) {
    const std::string line(bytes, size);
    if (etag && strncasecmp(line.c_str(), "etag:", 5) == 0) {
      const std::size_t first = line.find('"'), last = line.rfind('"');
      if (first != std::string::npos) *static_cast<std::string *>(etag) = line.substr(first, last - first + 1);
    }
    return size;
  }
  static std::size_t ignore(char *, std::size_t, std::size_t size, void *) { return size; }

  long send(const Prepared &request, const char *method, std::string *etag) {
    CURL *curl = curl_.get();
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, request.headers.get());
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, etag);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    if (std::strcmp(method, "PUT") == 0) {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body_.c_str());
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body_.size()));
    }
    if (const CURLcode code = curl_easy_perform(curl); code != CURLE_OK)
      throw std::runtime_error(curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  const std::unique_ptr<CURL, void (*)(CURL *)> curl_;
  const std::string body_ = std::string(330, 'x');  // as long as a record
  Prepared create_, remove_;
  std::string path_, etag_;
};

class Subject {
 public:
  explicit Subject(const std::string &key) : uri_("s3://" + variable("VFSLOCK_TEST_S3_BUCKET") + "/" + key) {}
  vfslock_lock *acquire(std::int64_t wait_ms, const vfslock_options *options = nullptr) {
    vfslock_lock *lock = nullptr;
    vfslock_error *error = nullptr;
    if (vfslock_acquire(nullptr, uri_.c_str(), options, wait_ms, nullptr, &lock, &error) == VFSLOCK_OK) return lock;
    const std::string why = vfslock_error_message(error);
    vfslock_error_free(error);
    throw std::runtime_error("acquire: " + why);
  }
  static void release(vfslock_lock *lock) {
    const vfslock_status status = vfslock_lock_release(lock, VFSLOCK_OWN_BOUND, nullptr, nullptr);
    vfslock_lock_free(lock);
    if (status != VFSLOCK_OK) throw std::runtime_error(std::string("release: ") + vfslock_status_name(status));
  }

 private:
  std::string uri_;
};

void row(const char *figure, const char *limit, double value, bool met, const std::string &shown) {
  std::printf("| %s | %s | %s%.2f %s%s | %s |\n", figure, limit, met ? "" : "**", value, met ? "met" : "missed",
              met ? "" : "**", shown.c_str());
  std::fflush(stdout);
}

std::string two(double a, double b, const char *unit) {
  char text[80];
  std::snprintf(text, sizeof text, "%.2f / %.2f %s", a, b, unit);
  return text;
}

void pairs(int rounds) {
  Raw raw("bench/raw");
  Subject subject("bench/pair");
  raw.create();
  raw.remove();
  Subject::release(subject.acquire(VFSLOCK_NO_WAIT));  // the first contact
  bench::Series ours, bare;
  const std::uint64_t before = counts->requests;
  std::uint64_t raw_requests = 0;
  for (int i = 0; i < rounds; ++i) {
    std::int64_t start = bench::now_ns();
    Subject::release(subject.acquire(VFSLOCK_NO_WAIT));
    ours.add(static_cast<double>(bench::now_ns() - start) / 1e6);
    start = bench::now_ns();
    if (!raw.create()) throw std::runtime_error("raw PUT refused");
    raw.remove();
    bare.add(static_cast<double>(bench::now_ns() - start) / 1e6);
    raw_requests += 2;
  }
  const double each = static_cast<double>(counts->requests - before - raw_requests) / rounds;
  row("requests for acquire + release on a free lock", "= 2", each, each == 2, std::to_string(rounds) + " pairs");
  const double ratio = ours.median() / bare.median();
  row("acquire + release ÷ raw conditional PUT + DELETE", "≤ 1.10", ratio, ratio <= 1.10,
      two(ours.median(), bare.median(), "ms"));
}

struct Crowd {
  double holds_per_s = 0, requests_per_hold = 0;
  std::uint64_t overlaps = 0;
};

// Eight processes, holds of 10 ms, for some seconds.
template <class Work>
Crowd crowd(double seconds, Work work) {
  new (counts) Counts;
  const std::int64_t end = bench::now_ns() + static_cast<std::int64_t>(seconds * 1e9), start = bench::now_ns();
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      try {
        work(end);
      } catch (const std::exception &error) {
        std::fprintf(stderr, "bench: %s\n", error.what());
        _exit(1);
      }
      _exit(0);
    }
    children.push_back(child);
  }
  bool failed = false;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    failed = failed || status != 0;
  }
  if (failed) throw std::runtime_error("a contender failed");
  const double holds = static_cast<double>(counts->holds.load()),
               took = static_cast<double>(bench::now_ns() - start) / 1e9;
  return {holds / took, static_cast<double>(counts->requests.load()) / holds, counts->overlaps.load()};
}

void hold() {
  if (counts->inside.fetch_add(1) != 0) counts->overlaps.fetch_add(1);
  nap(10'000);
  counts->inside.fetch_sub(1);
  counts->holds.fetch_add(1);
}

void contention(double seconds) {
  const Crowd raw = crowd(seconds, [](std::int64_t end) {
    Raw one("bench/raw-crowd");
    while (bench::now_ns() < end) {
      if (!one.create()) {
        nap(2000);
        continue;
      }
      hold();
      one.remove();
    }
  });
  const Crowd ours = crowd(seconds, [](std::int64_t end) {
    Subject one("bench/crowd");
    while (bench::now_ns() < end) {
      vfslock_lock *lock = one.acquire(VFSLOCK_WAIT_FOREVER);
      hold();
      Subject::release(lock);
    }
  });
  const double speed = ours.holds_per_s / raw.holds_per_s, traffic = ours.requests_per_hold / raw.requests_per_hold;
  row("8 processes, holds of 10 ms: holds/s ÷ raw PUT every 2 ms", "≥ 1.0", speed, speed >= 1.0,
      two(ours.holds_per_s, raw.holds_per_s, "holds/s"));
  row("the same: requests for each hold ÷ raw", "≤ 0.33", traffic, traffic <= 1.0 / 3,
      two(ours.requests_per_hold, raw.requests_per_hold, "requests"));
  row("the same: overlapping holds", "= 0", static_cast<double>(ours.overlaps), ours.overlaps == 0,
      std::to_string(raw.overlaps) + " of the raw loop");
}

std::int32_t on_loss(void *lost, const vfslock_event *) {
  static_cast<std::atomic<int> *>(lost)->fetch_add(1);
  return 0;
}

void many(int locks, int seconds) {
  std::atomic<int> lost{0}, at_risk{0};
  vfslock_options *options = nullptr;
  vfslock_options_new(&options, nullptr);
  vfslock_options_set_ttl_ms(options, 15'000, nullptr);
  vfslock_options_on_lost(options, on_loss, &lost, nullptr, nullptr);
  vfslock_options_on_at_risk(options, on_loss, &at_risk, nullptr, nullptr);
  std::vector<vfslock_lock *> held;
  for (int i = 0; i < locks; ++i)
    held.push_back(Subject("bench/many/" + std::to_string(i)).acquire(VFSLOCK_NO_WAIT, options));
  nap(std::int64_t{seconds} * 1'000'000);
  std::int64_t least = 15'000;
  int still = 0;
  for (vfslock_lock *lock : held) {
    still += vfslock_lock_is_held(lock);
    least = std::min(least, vfslock_lock_remaining_ms(lock));
  }
  for (vfslock_lock *lock : held) Subject::release(lock);
  vfslock_options_free(options);
  char figure[120];
  std::snprintf(figure, sizeof figure, "%d locks renewed by one client for %d s, lease 15 s: lost or at risk", locks,
                seconds);
  row(figure, "= 0", lost + at_risk + (locks - still), lost + at_risk == 0 && still == locks,
      std::to_string(least) + " ms were the least time left");
}

}  // namespace

// Counts what is sent, by curl_easy_perform too: a program's own definition goes before libcurl's.
extern "C" CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy) {
  static const auto real = reinterpret_cast<CURLMcode (*)(CURLM *, CURL *)>(dlsym(RTLD_NEXT, "curl_multi_add_handle"));
  if (counts) counts->requests.fetch_add(1);
  return real(multi, easy);
}

int main(int argc, char **argv) {
  const bool quick = argc == 2 && std::strcmp(argv[1], "--quick") == 0;
  void *shared = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 1;
  counts = new (shared) Counts;
  try {
    std::printf("| %s | limit | | |\n|---|---|---|---|\n", variable("VFSLOCK_TEST_S3_SERVER").c_str());
    pairs(quick ? 20 : 1000);
    contention(quick ? 1 : 20);
    many(quick ? 20 : 1000, quick ? 2 : 60);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
