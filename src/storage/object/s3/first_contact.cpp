// What a bucket guarantees: AWS's conditions are known, everybody else's are tried (BACKENDS §0).
#include "storage/object/s3/names.hpp"
#include "storage/object/s3/policy.hpp"
#include "storage/object/s3/store.hpp"

namespace vfslock::impl::s3 {
namespace {

constexpr int races_at_first_contact = 1;
constexpr int races_when_asked = 5;

}  // namespace

Guarantee S3Store::guarantee_by(const object::Findings &findings) const {
  Guarantee out;
  out.level = findings.level;
  out.how = findings.how;
  out.conditional_remove = findings.conditional_remove;
  out.min_ttl = std::chrono::seconds(1);  // R19
  return out;
}

// Old Ceph compares an ETag only without its quotes: what fails with them is tried again without.
Result<object::Findings> S3Store::find_out(int races, const Call &call) {
  S3Store trying(bucket_, home_, true);
  const auto look = [&] { return object::probe(trying, object::scratch_name(home_, longest_key), races, call); };
  auto found = look();
  const bool own_etag_refused = found && found->level == Level::none && !found->checks.empty() &&
                                found->checks.back().name.compare(0, 2, "P4") == 0;
  if (!own_etag_refused || bucket_->bare_etags.exchange(true)) return found;
  found = look();
  if (!found || found->level == Level::none) bucket_->bare_etags = false;
  return found;
}

// What is written before its first use: nothing on AWS, scratch objects elsewhere.
Result<object::Findings> S3Store::meet(const Call &call) {
  const S3 &s3 = bucket_->s3();
  if (s3.endpoint.is_trusted || s3.settings.probing == Probing::never) {
    // One read tells the server's time and whether bucket and credentials are right.
    if (auto look = get(home_, Reading::hint, call); !look) return look.error();
    const char *how = s3.endpoint.is_trusted
                          ? "AWS's conditional requests"
                          : "taken on trust (probe=never); released records, for removal is not known to compare";
    return object::Findings{Level::exact, s3.endpoint.is_trusted, how, {}};
  }
  return find_out(races_at_first_contact, call);
}

Result<Guarantee> S3Store::guarantee(const Call &call) {
  if (const auto found = bucket_->findings()) return guarantee_by(*found);
  if (bucket_->s3().settings.probing != Probing::always)
    if (const auto known = bucket_->recall()) return guarantee_by(*known);
  auto found = meet(call);
  if (!found) return found.error();
  if (!bucket_->clock.now())
    return Error{Status::UNSUPPORTED,
                 "the server tells no time (no Date in its answers), which fencing tokens are counted from"};
  bucket_->remember(*found);
  return guarantee_by(*found);
}

Result<Guarantee> S3Store::known_guarantee(const Call &) {
  auto found = bucket_->findings();
  if (!found) found = bucket_->recall();
  if (!found)
    found = bucket_->s3().endpoint.is_trusted ? object::Findings{Level::exact, true, "AWS's conditional requests", {}}
                                              : object::Findings{Level::none, false, "not tried yet", {}};
  return guarantee_by(*found);
}

Result<Examination> S3Store::examine(const std::string &key, const Call &call) {
  auto found = find_out(races_when_asked, call);
  if (!found) return found.error();
  S3 &s3 = bucket_->s3();
  bucket_->remember(*found);
  Examination out{
      guarantee_by(*found), std::move(found->checks), {}, policy(bucket_->name(), key, found->conditional_remove)};
  const auto fact = [&](const char *name, std::string value) { out.facts.emplace_back(name, std::move(value)); };
  fact("endpoint", bucket_->address().origin());
  fact("endpoint_source", s3.endpoint.source);
  fact("region", bucket_->region());
  fact("region_source", bucket_->region() == s3.endpoint.region ? s3.endpoint.region_source : "told by the server");
  if (auto keys = s3.credentials.get(call)) {
    fact("credentials", (*keys)->source);
    fact("access_key", (*keys)->access_key.substr(0, 4) + "…");
  }
  return out;
}

}  // namespace vfslock::impl::s3
