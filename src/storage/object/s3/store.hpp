#pragma once
// The seam over one bucket.
#include <memory>
#include <string>

#include "seam/store.hpp"
#include "storage/object/s3/bucket.hpp"

namespace vfslock::impl::s3 {

class S3Store final : public Store {
 public:
  // `home`: the lock's key, beside which a probe works. `trying`: the probe's own, which removes where it is not yet
  // known, or not true, that removal compares.
  S3Store(std::shared_ptr<Bucket> bucket, std::string home, bool trying = false)
      : bucket_(std::move(bucket)),
        home_(std::move(home)),
        trying_(trying) {}

  Result<Guarantee> guarantee(const Call &call) override;
  Result<Guarantee> known_guarantee(const Call &call) override;
  Result<Look> get(const std::string &key, Reading reading, const Call &call) override;
  Result<Put> put(const std::string &key, const Write &write, const Condition &condition, Step step, TenurePtr &tenure,
                  const Call &call) override;
  Result<Removal> remove(const std::string &key, const Version &version, TenurePtr &tenure, const Call &call) override;
  Result<Page> list(const std::string &prefix, const std::string &from, std::size_t most, const Call &call) override;
  Result<Examination> examine(const std::string &key, const Call &call) override;
  std::optional<Duration> clock_skew() const override;
  std::string identity(const std::string &key) const override;

 private:
  // first_contact.cpp
  Result<object::Findings> meet(const Call &call);
  Result<object::Findings> find_out(int races, const Call &call);
  Guarantee guarantee_by(const object::Findings &findings) const;

  std::string condition_value(const Version &version) const;

  const std::shared_ptr<Bucket> bucket_;
  const std::string home_;
  const bool trying_;
};

}  // namespace vfslock::impl::s3
