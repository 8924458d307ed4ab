#include "storage/object/s3/store.hpp"

#include "base/clock.hpp"
#include "net/xml.hpp"
#include "storage/object/s3/names.hpp"

namespace vfslock::impl::s3 {
namespace {

constexpr std::size_t longest_etag = 1024;

// Opaque, with its quotes. It goes into later requests as it stands, so nothing but printable bytes.
Result<Version> version_in(const net::Answer &answer) {
  const std::string *etag = answer.header("etag");
  if (!etag || etag->empty()) return Error{Status::UNAVAILABLE, "the server gave no ETag"};
  if (etag->compare(0, 2, "W/") == 0)
    return Error{Status::UNSUPPORTED,
                 "the server gives weak ETags, which do not tell two writes apart: it cannot hold locks"};
  if (etag->size() > longest_etag)
    return Error{Status::UNSUPPORTED, "the server gave an ETag of " + std::to_string(etag->size()) + " bytes"};
  for (const char c : *etag)
    if (static_cast<unsigned char>(c) < 0x21 || static_cast<unsigned char>(c) > 0x7e)
      return Error{Status::UNSUPPORTED, "the server gave an ETag with bytes in it that no header may hold"};
  return Version{*etag};
}

std::optional<WallTime> time_in(const net::Answer &answer, const char *header) {
  const std::string *text = answer.header(header);
  return text ? net::parse_http_date(*text) : std::nullopt;
}

// In µs since 1970: the floor of tokens (RELIABILITY §6).
std::optional<std::int64_t> microseconds(std::optional<WallTime> time) {
  if (!time) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::microseconds>(time->time_since_epoch()).count();
}

}  // namespace

std::string S3Store::condition_value(const Version &version) const {
  const std::string &id = version.id;
  const bool quoted = id.size() >= 2 && id.front() == '"' && id.back() == '"';
  return bucket_->bare_etags.load(std::memory_order_relaxed) && quoted ? id.substr(1, id.size() - 2) : id;
}

Result<Look> S3Store::get(const std::string &key, Reading, const Call &call) {
  if (auto fine = check_key(key); !fine) return fine.error();
  net::AwsRequest request{"GET", {}, {}, {}, {}};
  auto reply = bucket_->send(Verb::read, key, std::move(request), call);
  if (!reply) return reply.error();
  if (reply->verdict == Verdict::absent) return Look{};
  if (reply->verdict != Verdict::done) return reply->error;
  net::Answer &answer = reply->answer;
  auto version = version_in(answer);
  if (!version) return version.error();
  Seen seen;
  seen.bytes = std::move(answer.body);
  seen.bytes.resize(std::min(seen.bytes.size(), max_object_bytes + 1));
  seen.version = std::move(*version);
  seen.last_modified = time_in(answer, "last-modified");
  // RELIABILITY §3: no cache in between, and nobody who could change it on the way.
  if (!answer.header("age") && !answer.header("via") && is_private(bucket_->address()))
    seen.server_date = time_in(answer, "date");
  return Look{std::move(seen)};
}

Result<Put> S3Store::put(const std::string &key, const Write &write, const Condition &condition, Step, TenurePtr &,
                         const Call &call) {
  if (auto fine = check_key(key); !fine) return fine.error();
  if (!bucket_->clock.now())  // the first request to this bucket: any answer tells the server's time
    if (auto look = get(key, Reading::hint, call); !look) return look.error();
  const auto *expected = std::get_if<Version>(&condition);
  net::AwsRequest request{"PUT", {}, {}, {}, write.bytes(microseconds(bucket_->clock.now()).value_or(0))};
  if (request.body.size() > max_object_bytes)
    return Error{Status::INVALID_ARGUMENT, "the record has " + std::to_string(request.body.size()) +
                                               " bytes, but at most " + std::to_string(max_object_bytes) +
                                               " are read back"};
  request.headers.push_back(expected ? net::Header{"If-Match", condition_value(*expected)}
                                     : net::Header{"If-None-Match", "*"});
  const std::string bytes = request.body;
  auto reply = bucket_->send(expected ? Verb::replace : Verb::create, key, std::move(request), call);
  if (!reply) return reply.error();
  switch (reply->verdict) {
    case Verdict::done: {
      auto version = version_in(reply->answer);
      if (!version && version.error().status == Status::UNSUPPORTED) return version.error();
      if (!version) return Put{Unknown{std::move(version.error())}};
      return Put{Landed{std::move(*version), bytes}};
    }
    case Verdict::refused: return Put{Refused{}};
    case Verdict::conflict:  // of this copy; libcurl may have sent another one before it, unseen
    case Verdict::unknown:
    case Verdict::throttled: return Put{Unknown{std::move(reply->error)}};
    default: return reply->error;
  }
}

Result<Removal> S3Store::remove(const std::string &key, const Version &version, TenurePtr &, const Call &call) {
  if (auto fine = check_key(key); !fine) return fine.error();
  auto known = bucket_->findings();
  if (!known && !trying_) known = bucket_->recall();
  if (!trying_ && !(known && known->conditional_remove))
    return Error{Status::UNSUPPORTED,
                 "this bucket is not known to compare on removal: overwrite with a released record"};
  net::AwsRequest request{"DELETE", {}, {}, {{"If-Match", condition_value(version)}}, {}};
  auto reply = bucket_->send(Verb::remove, key, std::move(request), call);
  if (!reply) return reply.error();
  switch (reply->verdict) {
    case Verdict::done: return Removal{Done{}};
    case Verdict::refused: return Removal{Refused{}};
    case Verdict::absent: return Removal{Refused{Look{}}};
    case Verdict::conflict:
    case Verdict::unknown:
    case Verdict::throttled: return Removal{Unknown{std::move(reply->error)}};
    case Verdict::denied: bucket_->no_removal("s3:DeleteObject is denied here"); return reply->error;
    case Verdict::unsupported:
      bucket_->no_removal("this server does not know conditional removal");
      return reply->error;
    default: return reply->error;
  }
}

Result<Page> S3Store::list(const std::string &prefix, const std::string &from, std::size_t most, const Call &call) {
  net::AwsRequest request{"GET",
                          {},
                          {{"list-type", "2"},
                           {"prefix", prefix},
                           {"max-keys", std::to_string(std::min<std::size_t>(most, 1000))},
                           {"encoding-type", "url"}},
                          {},
                          {}};
  if (!from.empty()) request.query.emplace_back("continuation-token", from);
  auto reply = bucket_->send(Verb::list, {}, std::move(request), call);
  if (!reply) return reply.error();
  if (reply->verdict != Verdict::done) return reply->error;
  const Error garbled{Status::UNAVAILABLE, "the server's list of s3://" + bucket_->name() + " cannot be read"};
  if (reply->answer.cut) return garbled;
  const auto document = net::parse_xml(reply->answer.body);
  if (!document || document->name != "ListBucketResult") return garbled;
  const auto *encoding = document->find({"EncodingType"});
  Page page;
  for (const auto &child : document->children) {
    if (child.name != "Contents") continue;
    const auto *key = child.find({"Key"});
    if (!key) return garbled;
    auto name = encoding && encoding->text == "url" ? net::aws_decode(key->text) : std::optional(key->text);
    if (!name || name->compare(0, prefix.size(), prefix) != 0) return garbled;
    page.keys.push_back(std::move(*name));
  }
  const auto *more = document->find({"IsTruncated"});
  const auto *next = document->find({"NextContinuationToken"});
  if (more && more->text == "true") {
    if (!next || next->text.empty() || next->text == from) return garbled;  // it would never end
    page.next = next->text;
  }
  return page;
}

std::optional<Duration> S3Store::clock_skew() const {
  const auto now = bucket_->clock.now();
  if (!now) return std::nullopt;
  return *now - wall_now();
}

std::string S3Store::identity(const std::string &key) const {
  const Endpoint &endpoint = bucket_->s3().endpoint;
  return "s3|" + (endpoint.is_aws ? std::string("aws") : endpoint.custom.origin() + endpoint.custom.prefix) + "|" +
         bucket_->name() + "/" + key;
}

}  // namespace vfslock::impl::s3
