#pragma once
// Small XML documents that servers answer with, read by expat within limits.
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vfslock::impl::net {

struct XmlElement {
  std::string name;  // without its namespace's prefix
  std::string text;  // of this element alone
  std::vector<XmlElement> children;

  // The first child of that name, of that the first …; nullptr where there is none.
  const XmlElement *find(std::initializer_list<std::string_view> path) const;
};

// UNAVAILABLE says where it is broken. A document type is refused: entities could make much of little.
Result<XmlElement> parse_xml(std::string_view text);

}  // namespace vfslock::impl::net
