#include "storage/object/s3/bucket.hpp"

#include <mutex>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "net/aws/region.hpp"
#include "net/base64.hpp"
#include "net/mutex.hpp"
#include "net/retry.hpp"

namespace vfslock::impl::s3 {

constexpr std::size_t longest_list = 4 * 1024 * 1024;  // 1000 keys of 1 KiB, encoded threefold

Bucket::Bucket(S3 &s3, std::string name) : s3_(s3), name_(std::move(name)), region_(s3.endpoint.region) {}

std::string Bucket::region() const {
  const std::lock_guard locked(net::mutex());
  return region_;
}

net::Address Bucket::address() const { return s3_.endpoint.target(name_, region()).address; }

std::string Bucket::known_as() const {
  const std::string origin = s3_.endpoint.is_aws ? "aws" : s3_.endpoint.custom.origin() + s3_.endpoint.custom.prefix;
  return origin + "|" + name_ + "|" + s3_.settings.profile + "|" + s3_.settings.access_key;
}

std::optional<object::Findings> Bucket::findings() const {
  const std::lock_guard locked(net::mutex());
  return findings_;
}

std::optional<object::Findings> Bucket::recall() {
  auto known = object::recall(known_as(), s3_.files);
  if (!known || !known->clock_offset) return std::nullopt;
  clock.begin_with(*known->clock_offset);
  bare_etags = known->bare_etags;
  const std::lock_guard locked(net::mutex());
  findings_ = known->findings;
  return findings_;
}

void Bucket::remember(object::Findings findings) {
  findings.checks.clear();
  object::remember(known_as(), {findings, clock.offset(), bare_etags}, s3_.files);
  const std::lock_guard locked(net::mutex());
  findings_ = std::move(findings);
}

void Bucket::no_removal(const std::string &why) {
  auto known = findings();
  if (!known || !known->conditional_remove) return;
  known->conditional_remove = false;
  known->how += "; released records, because " + why;
  remember(std::move(*known));
}

net::Request Bucket::signed_request(const net::AwsRequest &request, const std::string &key,
                                    const net::AwsKeys &keys) const {
  const std::string region = this->region();
  const Endpoint::Target target = s3_.endpoint.target(name_, region);
  const S3Settings &settings = s3_.settings;
  net::AwsRequest whole = request;
  whole.path = target.path_prefix + "/" + key;
  const auto add = [&](const char *name, const std::string &value) {
    if (!value.empty()) whole.headers.push_back({name, value});
  };
  add("x-amz-expected-bucket-owner", settings.bucket_owner);
  add("x-amz-request-payer", settings.request_payer ? "requester" : "");
  if (whole.method == "PUT") {
    add("Content-Type", "application/json");
    add("Cache-Control", "no-store");  // R17
    add("x-amz-server-side-encryption", settings.sse);
    add("x-amz-server-side-encryption-aws-kms-key-id", settings.sse_kms_key);
    add("x-amz-storage-class", settings.storage_class);
    add("x-amz-tagging", settings.tags);
    if (wants_checksum_.load(std::memory_order_relaxed))
      add("x-amz-checksum-sha256", net::base64(sha256(whole.body)));
  }
  return net::aws_sign(whole, target.address, keys, region, "s3", clock.now().value_or(wall_now()));
}

// Followed only in the sense that the bucket's own region is asked from now on; never to the host that an answer names.
bool Bucket::learn_region(const net::Answer &answer, const ErrorDocument &document) {
  const std::string *told = answer.header("x-amz-bucket-region");
  const std::string region = told ? *told : document.region;
  if (!net::is_aws_region(region)) return false;
  const std::lock_guard locked(net::mutex());
  if (region_ == region) return false;
  region_ = region;
  return true;
}

bool Bucket::other_keys(const net::AwsKeys &refused, const Call &call) {
  s3_.credentials.refused(refused);
  const auto keys = s3_.credentials.get(call);
  return keys && !(**keys == refused);
}

Result<Reply> Bucket::send(Verb verb, const std::string &key, net::AwsRequest request, const Call &call) {
  net::Pauses pauses(std::chrono::milliseconds(20), std::chrono::seconds(1));
  bool fresh_keys = false, moved = false, on_time = false, checked = false;
  for (;;) {
    const auto keys = s3_.credentials.get(call);
    if (!keys) return keys.error();
    if (call.cancel && call.cancel->is_triggered())
      return Error{Status::CANCELLED, "the request was cancelled before it was sent"};
    if (boot_now() >= call.deadline)
      return Error{Status::UNAVAILABLE, "the time for the request was over before it was sent"};
    net::Request whole = signed_request(request, key, **keys);
    if (verb == Verb::read) whole.longest_answer = max_object_bytes + 1;  // R16
    if (verb == Verb::list) whole.longest_answer = longest_list;
    net::Exchange exchange = s3_.http->exchange(whole, call);
    if (auto *none = std::get_if<net::NoAnswer>(&exchange)) {
      if (!none->sent) return std::move(none->cause);
      return Reply{Verdict::unknown, {}, std::move(none->cause)};
    }
    auto &answer = std::get<net::Answer>(exchange);
    const std::string *date = answer.header("date");
    if (const auto told = date ? net::parse_http_date(*date) : std::nullopt) clock.note(*told, answer.received);

    const ErrorDocument document = error_document(answer);
    const Verdict verdict = judge_answer(verb, answer, document);
    bool again = false;
    switch (verdict) {
      case Verdict::keys_refused:
      case Verdict::denied: again = !std::exchange(fresh_keys, true) && other_keys(**keys, call); break;
      case Verdict::moved: again = !std::exchange(moved, true) && learn_region(answer, document); break;
      case Verdict::clock_skewed: again = !std::exchange(on_time, true) && clock.now().has_value(); break;
      case Verdict::wants_checksum: again = !std::exchange(checked, true) && !wants_checksum_.exchange(true); break;
      case Verdict::conflict: again = pauses.take(call); break;
      default: break;
    }
    if (again) continue;
    Reply reply{verdict, std::move(answer), {}};
    if (verdict != Verdict::done) reply.error = error_of(verb, verdict, reply.answer, document, name_, key);
    if (call.cancel && call.cancel->is_triggered() && verdict == Verdict::conflict)
      reply.error.status = Status::CANCELLED;
    return reply;
  }
}

}  // namespace vfslock::impl::s3
