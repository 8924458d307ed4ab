#pragma once
// One bucket: signed requests to it, and what its answers taught (region, clock, checksums).
#include <atomic>
#include <optional>
#include <string>
#include <variant>

#include "net/aws/sigv4.hpp"
#include "net/server_clock.hpp"
#include "storage/object/known.hpp"
#include "storage/object/s3/answers.hpp"
#include "storage/object/s3/client.hpp"

namespace vfslock::impl::s3 {

// The last answer and what it means; `answer` is empty where none came that could be trusted (then: unknown).
struct Reply {
  Verdict verdict = Verdict::unknown;
  net::Answer answer;
  Error error;  // for every verdict but done
};

class Bucket {
 public:
  Bucket(S3 &s3, std::string name);  // owned by it

  // Sends until an answer counts: with fresh keys, another region, the server's time or a checksum where it asks for
  // one, and again where it says that another write was under way. All of these surely were not applied. An Error:
  // nothing was sent that could be applied.
  Result<Reply> send(Verb verb, const std::string &key, net::AwsRequest request, const Call &call);

  const std::string &name() const { return name_; }
  S3 &s3() const { return s3_; }
  net::ServerClock clock;
  std::atomic<bool> bare_etags{false};

  std::string region() const;
  net::Address address() const;
  std::string known_as() const;  // for object::recall: endpoint, bucket, settings of the keys

  // What was found out of it; nullopt before that.
  std::optional<object::Findings> findings() const;
  std::optional<object::Findings> recall();  // from earlier in this process, or from state_dir
  void remember(object::Findings findings);
  void no_removal(const std::string &why);  // from now on: released records

 private:
  net::Request signed_request(const net::AwsRequest &request, const std::string &key, const net::AwsKeys &keys) const;
  bool learn_region(const net::Answer &answer, const ErrorDocument &document);
  bool other_keys(const net::AwsKeys &refused, const Call &call);

  S3 &s3_;
  const std::string name_;
  std::string region_;  // guarded by net::mutex()
  std::optional<object::Findings> findings_;
  std::atomic<bool> wants_checksum_{false};
};

}  // namespace vfslock::impl::s3
