#pragma once
// Text that must not outlive its use in memory: keys, passwords, tokens (RELIABILITY §10).
#include <string>
#include <string_view>
#include <utility>

#include <string.h>

namespace vfslock::impl {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret &) = default;
  Secret(Secret &&other) : text_(other.text_) { other.wipe(); }  // a moved short string leaves its bytes behind
  Secret &operator=(const Secret &other) {
    if (this == &other) return *this;
    wipe();
    text_ = other.text_;
    return *this;
  }
  Secret &operator=(Secret &&other) {
    if (this == &other) return *this;
    *this = other;
    other.wipe();
    return *this;
  }
  ~Secret() { wipe(); }

  bool empty() const { return text_.empty(); }
  const std::string &reveal() const { return text_; }  // for the wire and for signing; never for a message

 private:
  void wipe() {
    explicit_bzero(text_.data(), text_.capacity());
    text_.clear();
  }
  std::string text_;
};

}  // namespace vfslock::impl
