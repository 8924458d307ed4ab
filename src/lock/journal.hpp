#pragma once
// The writes that one tenure has issued, and what a read-back says about them (R6).
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lock/record.hpp"
#include "seam/store.hpp"

namespace vfslock::impl {

// One write that was sent at least once. `sent` is its first send: the lease counts from there (R3), whichever copy
// of it lands.
struct Issued {
  std::array<char, 32> write_id;  // R2: as long as every nonce
  BootTime sent;
  Duration lease;
  bool released = false;
};

class Journal {
 public:
  explicit Journal(std::string lock_id) : lock_id_(std::move(lock_id)) {}

  const std::string &lock_id() const { return lock_id_; }
  void add(std::string_view write_id, BootTime sent, Duration lease, bool released = false);
  const Issued *find(std::string_view write_id) const;

 private:
  std::string lock_id_;
  std::vector<Issued> writes_;  // the last 8
};

enum class Found {
  absent,
  expected,  // the version that the write was conditional on: it has not landed (yet)
  mine,      // a write of this tenure, known by its writeId
  clone,     // this tenure's lockId, but a writeId that this handle never issued
  other,
};

struct ReadBack {
  Found found = Found::absent;
  const Issued *write = nullptr;  // mine
  std::shared_ptr<const Record> record = {};  // mine, clone
};

ReadBack read_back(const Look &look, const Journal &journal, const Version *expected);

}  // namespace vfslock::impl
