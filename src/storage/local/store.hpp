#pragma once
// The Store of one directory on a local disk: RELIABILITY §4.3, one function for each transition.
#include <memory>
#include <string>

#include "seam/store.hpp"
#include "storage/local/directory.hpp"
#include "storage/local/tenure.hpp"

namespace vfslock::impl::local {

class LocalStore final : public Store {
 public:
  explicit LocalStore(std::shared_ptr<Directory> directory) : directory_(std::move(directory)) {}

  Result<Guarantee> guarantee(const Call &call) override;
  Result<Look> get(const std::string &key, Reading reading, const Call &call) override;
  Result<Put> put(const std::string &key, const Write &write, const Condition &condition, Step step, TenurePtr &tenure,
                  const Call &call) override;
  Result<Removal> remove(const std::string &key, const Version &version, TenurePtr &tenure, const Call &call) override;
  void arm(const std::string &key, std::unique_ptr<Wakeup> &hint) override;
  Result<Page> list(const std::string &prefix, const std::string &from, std::size_t most, const Call &call) override;
  std::string identity(const std::string &key) const override;

 private:
  // create.cpp
  Result<Put> create(const std::string &key, const Write &write, TenurePtr &tenure, const Call &call);
  Result<Put> land(const std::string &key, const Write &write, std::unique_ptr<LocalTenure> holder, std::string before,
                   class Writer &writer, TenurePtr &tenure);

  // take.cpp
  Result<Put> take(const std::string &key, const Write &write, const Version &version, Step step, TenurePtr &tenure,
                   const Call &call);
  Result<std::optional<Refused>> reach(const std::string &key, const Version &version, LockFile &file, struct stat &st,
                                       Seen &there, const Call &call);
  Result<Removal> remove_unproven(const std::string &key, const Version &version, const Call &call);
  Result<Put> steal(const std::string &key, const Write &write, const LockFile &robbed, TenurePtr &tenure,
                    const Call &call);

  // hold.cpp
  Result<Put> rewrite(const std::string &key, const Write &write, const Version &version, Step step, TenurePtr &tenure,
                      const Call &call);
  Result<Put> rewrite_guarded(const std::string &key, const Write &write, const Version &version, LocalTenure &holder,
                              const Call &call);
  Result<Removal> remove_guarded(const std::string &key, const Version &version, LocalTenure &holder, const Call &call);

  const Directory &directory() const { return *directory_; }

  const std::shared_ptr<Directory> directory_;  // tenures keep it too
};

}  // namespace vfslock::impl::local
