#include "net/xml.hpp"

#include <memory>

#include <expat.h>

namespace vfslock::impl::net {
namespace {

constexpr std::size_t longest = 4 * 1024 * 1024;
constexpr std::size_t deepest = 16;
constexpr std::size_t most_elements = 20'000;

struct Reading {
  XML_Parser parser;
  XmlElement root;
  std::vector<XmlElement *> open;  // from the root to where the text is
  std::size_t elements = 0;
  const char *refused = nullptr;

  void refuse(const char *why) {
    refused = why;
    XML_StopParser(parser, XML_FALSE);
  }
};

// Nothing may be thrown through expat's frames.
template <class Act>
void guarded(void *user, Act act) noexcept {
  auto &reading = *static_cast<Reading *>(user);
  try {
    if (!reading.refused) act(reading);
  } catch (...) {
    reading.refuse("no memory");
  }
}

void begin(void *user, const char *name, const char **) {
  guarded(user, [&](Reading &reading) {
    if (reading.open.size() >= deepest || ++reading.elements > most_elements)
      return reading.refuse("it is too deep or has too many elements");
    XmlElement *element = &reading.root;
    if (!reading.open.empty()) element = &reading.open.back()->children.emplace_back();
    const std::string_view full(name);
    const std::size_t colon = full.rfind(':');
    element->name = colon == std::string_view::npos ? full : full.substr(colon + 1);
    reading.open.push_back(element);  // its parents get no other child before it is closed, so the pointers hold
  });
}

void end(void *user, const char *) {
  guarded(user, [](Reading &reading) { reading.open.pop_back(); });
}

void characters(void *user, const char *text, int size) {
  guarded(user, [&](Reading &reading) {
    if (!reading.open.empty()) reading.open.back()->text.append(text, static_cast<std::size_t>(size));
  });
}

void doctype(void *user, const char *, const char *, const char *, int) {
  guarded(user, [](Reading &reading) { reading.refuse("it has a document type"); });
}

struct FreeParser {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

}  // namespace

const XmlElement *XmlElement::find(std::initializer_list<std::string_view> path) const {
  const XmlElement *at = this;
  for (const std::string_view step : path) {
    const XmlElement *found = nullptr;
    for (const XmlElement &child : at->children)
      if (child.name == step) {
        found = &child;
        break;
      }
    if (!found) return nullptr;
    at = found;
  }
  return at;
}

Result<XmlElement> parse_xml(std::string_view text) {
  const auto broken = [](const std::string &why) {
    return Error{Status::UNAVAILABLE, "the server's XML cannot be read: " + why};
  };
  if (text.size() > longest) return broken("it is too long");
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeParser> parser(XML_ParserCreate(nullptr));
  if (!parser) throw std::bad_alloc();
  Reading reading{parser.get(), {}, {}, 0, nullptr};
  XML_SetUserData(parser.get(), &reading);
  XML_SetElementHandler(parser.get(), begin, end);
  XML_SetCharacterDataHandler(parser.get(), characters);
  XML_SetStartDoctypeDeclHandler(parser.get(), doctype);
  const XML_Status status = XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
  if (reading.refused) return broken(reading.refused);
  if (status != XML_STATUS_OK)
    return broken(std::string(XML_ErrorString(XML_GetErrorCode(parser.get()))) + " in line " +
                  std::to_string(XML_GetCurrentLineNumber(parser.get())));
  return std::move(reading.root);
}

}  // namespace vfslock::impl::net
