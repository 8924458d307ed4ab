// The contract suite over S3 servers: one that the launcher started, named by VFSLOCK_TEST_S3_….
#include <array>
#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include "base/hash.hpp"
#include "net/aws/sigv4.hpp"
#include "site.hpp"
#include "storage/object/s3/s3.hpp"

namespace vfslock::impl::contract {
namespace {

std::string variable(const char *name) {
  const char *value = std::getenv(name);
  if (!value) throw std::runtime_error(std::string(name) + " is not set: run this by tests/servers/run.py");
  return value;
}

Settings settings_of_server() {
  return {{"s3.endpoint", variable("VFSLOCK_TEST_S3_ENDPOINT")},
          {"s3.access_key", variable("VFSLOCK_TEST_S3_ACCESS_KEY")},
          {"s3.secret_key", variable("VFSLOCK_TEST_S3_SECRET_KEY")}};
}

class S3Site final : public Site {
 public:
  S3Site() : bucket_(variable("VFSLOCK_TEST_S3_BUCKET")) {
    // All cases share the bucket: each has a prefix of its own.
    std::array<char, 8> random{};
    random_bytes(random.data(), random.size());
    prefix_ = "contract/" + hex({random.data(), random.size()}) + "/";
    can.control_keys = false;
    const bool on_files = variable("VFSLOCK_TEST_S3_SERVER") == "seaweedfs";
    can.slow_losers = can.folds_slashes = on_files;
    can.longest_key = on_files ? 255 : 1024 - prefix_.size();
  }

  std::shared_ptr<Store> open() override {
    auto s3 = open_s3_client(settings_of_server());
    if (!s3) throw std::runtime_error(s3.error().message);
    auto place = open_s3(*s3, Location{"s3", bucket_, "/" + key("data"), ""}, "{name}.lock");
    if (!place) throw std::runtime_error(place.error().message);
    return place->store;
  }

  std::string key(const std::string &name) override { return prefix_ + name; }
  void plant(const std::string &key, const std::string &bytes) override {
    send({"PUT", "/" + bucket_ + "/" + key, {}, {}, bytes});
  }
  void wipe(const std::string &key) override { send({"DELETE", "/" + bucket_ + "/" + key, {}, {}, {}}); }

 private:
  void send(const net::AwsRequest &request) {
    const auto address = net::parse_address(variable("VFSLOCK_TEST_S3_ENDPOINT"), "endpoint");
    net::AwsKeys keys;
    keys.access_key = variable("VFSLOCK_TEST_S3_ACCESS_KEY");
    keys.secret_key = Secret(variable("VFSLOCK_TEST_S3_SECRET_KEY"));
    const auto exchange = http_.exchange(net::aws_sign(request, *address, keys, "us-east-1", "s3", wall_now()), soon());
    const auto *answer = std::get_if<net::Answer>(&exchange);
    if (!answer || answer->status >= 300)
      throw std::runtime_error("cannot " + request.method + " " + request.path + ": " +
                               (answer ? std::to_string(answer->status) + answer->body : "no answer"));
  }

  const std::string bucket_;
  std::string prefix_;
  net::Http http_{net::HttpSettings{}};
};

}  // namespace

const std::vector<SiteKind> &site_kinds() {
  static const std::vector<SiteKind> kinds = {{"s3", [] { return std::make_unique<S3Site>(); }}};
  return kinds;
}

}  // namespace vfslock::impl::contract
