#include "net/aws/profile.hpp"

#include <array>

#include <pwd.h>
#include <unistd.h>

#include "net/text.hpp"

namespace vfslock::impl::net {
namespace {

std::string home(const Environment &environment) {
  if (auto folder = environment("HOME")) return *folder;
  std::array<char, 4096> buffer{};
  passwd entry{}, *found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found || !found->pw_dir) return {};
  return found->pw_dir;
}

std::string file_of(const Environment &environment, const char *variable, const char *built_in) {
  auto given = environment(variable);
  std::string path = given ? *given : std::string("~/.aws/") + built_in;
  if (path.compare(0, 2, "~/") != 0) return path;
  const std::string folder = home(environment);
  return folder.empty() ? std::string() : folder + path.substr(1);
}

}  // namespace

// Sections, "key = value", comments in lines of their own (and behind a blank), and indented "key = value" that belong
// to the key before them: these are kept as "key.sub".
Result<AwsProfile::Sections> AwsProfile::parse(const std::string &file, const std::string &text) {
  Sections out;
  Section *section = nullptr;
  std::string parent;
  std::size_t number = 0;
  const auto garbled = [&](const char *why) {
    return Error{Status::INVALID_ARGUMENT, file + ", line " + std::to_string(number) + ": " + why};
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t stop = std::min(text.find('\n', at), text.size());
    std::string_view line(text.data() + at, stop - at);
    at = stop + 1;
    ++number;
    const bool indented = !line.empty() && (line.front() == ' ' || line.front() == '\t');
    line = trimmed(line);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      const std::size_t close = line.find(']');
      if (close == std::string_view::npos) return garbled("a section's name has no \"]\" at its end");
      section = &out[std::string(trimmed(line.substr(1, close - 1)))];
      parent.clear();
      continue;
    }
    if (!section) return garbled("a value stands before the first [section]");
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return garbled("neither [section] nor key = value");
    std::string key = lower(trimmed(line.substr(0, equals)));
    std::string_view value = line.substr(equals + 1);
    for (const char *comment : {" #", " ;", "\t#", "\t;"}) value = value.substr(0, value.find(comment));
    value = trimmed(value);
    if (key.empty()) return garbled("there is no key before \"=\"");
    if (has_control_bytes(value)) return garbled("a value has a control byte in it");
    if (indented && parent.empty()) return garbled("an indented line that belongs to no key");
    if (!indented) parent = key;
    else key = parent + "." + key;
    (*section)[key] = value;
  }
  return out;
}

Result<AwsProfile::Sections> AwsProfile::load(const std::string &file) {
  if (file.empty()) return Sections{};
  auto text = read_file(file);
  if (!text && text.error().status == Status::NOT_FOUND) return Sections{};
  if (!text) return text.error();
  return parse(file, *text);
}

Result<std::shared_ptr<const AwsProfile>> AwsProfile::read(const std::string &name, const Environment &environment) {
  auto out = std::make_shared<AwsProfile>();
  const auto by_environment = environment("AWS_PROFILE");
  const auto old_name = environment("AWS_DEFAULT_PROFILE");
  out->name_ = !name.empty() ? name : by_environment ? *by_environment : old_name.value_or("default");
  const std::string config_file = file_of(environment, "AWS_CONFIG_FILE", "config");
  const std::string credentials_file = file_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  out->files_ = credentials_file + ", " + config_file;
  auto config = load(config_file);
  if (!config) return config.error();
  auto credentials = load(credentials_file);
  if (!credentials) return credentials.error();

  bool found = false;
  const auto take = [&](const Sections &sections, const std::string &section) {
    const auto at = sections.find(section);
    if (at == sections.end()) return;
    found = true;
    for (const auto &[key, value] : at->second) out->values_.emplace(key, value);  // the first file's value stays
  };
  take(*credentials, out->name_);
  take(*config, "profile " + out->name_);
  if (out->name_ == "default") take(*config, "default");
  if (!found && (!name.empty() || by_environment || old_name))
    return Error{Status::INVALID_ARGUMENT,
                 "there is no profile \"" + printable(out->name_, 100) + "\" in " + out->files_};
  if (const auto services = out->value("services"))
    if (const auto at = config->find("services " + *services); at != config->end()) out->services_ = at->second;
  return std::shared_ptr<const AwsProfile>(std::move(out));
}

std::optional<std::string> AwsProfile::value(std::string_view key) const {
  const auto at = values_.find(key);
  if (at == values_.end() || at->second.empty()) return std::nullopt;
  return at->second;
}

std::optional<std::string> AwsProfile::service(std::string_view service, std::string_view key) const {
  const auto at = services_.find(std::string(service) + "." + std::string(key));
  if (at == services_.end() || at->second.empty()) return std::nullopt;
  return at->second;
}

std::string AwsProfile::where() const { return "profile \"" + printable(name_, 100) + "\" (" + files_ + ")"; }

}  // namespace vfslock::impl::net
