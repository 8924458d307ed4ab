// What a bucket guarantees: AWS's conditions are known, everybody else's are tried (BACKENDS §0).
#include "base/clock.hpp"
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
  const auto look = [&] { return object::probe(*this, object::scratch_name(home_, longest_key), races, call); };
  auto found = look();
  const bool own_etag_refused = found && found->level == Level::none && !found->checks.empty() &&
                                found->checks.back().name.compare(0, 2, "P4") == 0;
  if (!own_etag_refused || bucket_->bare_etags.exchange(true)) return found;
  found = look();
  if (!found || found->level == Level::none) bucket_->bare_etags = false;
  return found;
}

Result<Guarantee> S3Store::meet(const Call &call) {
  S3 &s3 = bucket_->s3();
  const bool ask_always = s3.settings.probing == Probing::always;
  if (!ask_always)
    if (const auto known = object::recall(bucket_->known_as(), s3.files)) {
      if (known->clock_offset) bucket_->clock.begin_with(*known->clock_offset);
      bucket_->bare_etags = known->bare_etags;
      if (bucket_->clock.now()) return guarantee_by(known->findings);
    }
  object::Findings findings;
  if (s3.endpoint.is_trusted || s3.settings.probing == Probing::never) {
    // One read tells the server's time and whether bucket and credentials are right.
    auto look = get(home_, Reading::hint, call);
    if (!look) return look.error();
    findings.level = Level::exact;
    findings.conditional_remove = s3.endpoint.is_trusted;
    findings.how = s3.endpoint.is_trusted ? "AWS's conditional requests"
                                          : "taken on trust (probe=never); released records, for removal is not known to compare";
  } else {
    auto found = find_out(races_at_first_contact, call);
    if (!found) return found.error();
    findings = std::move(*found);
  }
  if (!bucket_->clock.now())
    return Error{Status::UNSUPPORTED, "the server tells no time (no Date in its answers), which fencing tokens are counted from"};
  object::remember(bucket_->known_as(), {findings, bucket_->clock.offset(), bucket_->bare_etags}, s3.files);
  return guarantee_by(findings);
}

Result<Guarantee> S3Store::guarantee(const Call &call) {
  if (auto known = bucket_->guarantee()) return std::move(*known);
  auto met = meet(call);
  if (met) bucket_->set_guarantee(*met);
  return met;
}

Result<Examination> S3Store::examine(const std::string &key, const Call &call) {
  auto found = find_out(races_when_asked, call);
  if (!found) return found.error();
  S3 &s3 = bucket_->s3();
  object::remember(bucket_->known_as(), {*found, bucket_->clock.offset(), bucket_->bare_etags}, s3.files);
  bucket_->set_guarantee(guarantee_by(*found));

  Examination out{guarantee_by(*found), std::move(found->checks), {}, policy(bucket_->name(), key, found->conditional_remove)};
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
