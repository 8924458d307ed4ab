#pragma once
// A folder of its own for one run, and what must be true of it afterwards.
#include <string>
#include <vector>

#include "sweep.hpp"

namespace contention {

class Place {
 public:
  explicit Place(const std::string &parent);  // makes the folder in it
  ~Place();
  Place(const Place &) = delete;
  Place &operator=(const Place &) = delete;

  const std::string &path() const { return path_; }
  std::string file_system() const;  // its name, for the report
  // No temporary left, nothing that the lock does not need; `record` may stand there.
  void check_left(const std::string &record, std::vector<Finding> &findings) const;

 private:
  std::vector<std::string> names() const;
  std::string path_;
};

}  // namespace contention
