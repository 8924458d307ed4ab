#include <algorithm>

#include "net/address.hpp"
#include "net/aws/region.hpp"
#include "net/text.hpp"
#include "storage/object/s3/s3.hpp"

namespace vfslock::impl {
namespace {

// Goes into a header as it stands.
Result<std::string> header_setting(const Settings &settings, std::string_view key) {
  const std::string value(setting_or(settings, key, ""));
  for (const char c : value)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e)
      return Error{Status::INVALID_ARGUMENT, std::string(key) + " must be printable ASCII: it goes into a header"};
  if (value.size() > 2048) return Error{Status::INVALID_ARGUMENT, std::string(key) + " is longer than 2048 bytes"};
  return value;
}

// Never shown in an error. Keys are often read from files: white space at their ends is no part of them.
Result<Secret> secret_setting(const Settings &settings, std::string_view key) {
  auto value = header_setting({{"key", std::string(net::trimmed(setting_or(settings, key, "")))}}, "key");
  if (!value)
    return Error{value.error().status,
                 std::string(key) + " has a control byte in it, or a byte beyond ASCII, or is too long"};
  return Secret(std::move(*value));
}

template <class Word>
Result<Word> word_setting(const Settings &settings, std::string_view key,
                          std::initializer_list<std::pair<const char *, Word>> words) {
  const std::string_view value = setting_or(settings, key, words.begin()->first);
  std::string known;
  for (const auto &[name, word] : words) {
    if (value == name) return word;
    known.append(known.empty() ? "" : ", ").append(name);
  }
  return bad_setting(key, value, "one of " + known);
}

}  // namespace

Result<S3Settings> s3_settings(const Settings &settings) {
  S3Settings out;
  const std::pair<const char *, std::string S3Settings::*> texts[] = {
      {"s3.endpoint", &S3Settings::endpoint},         {"s3.region", &S3Settings::region},
      {"s3.profile", &S3Settings::profile},           {"s3.access_key", &S3Settings::access_key},
      {"net.ca_file", &S3Settings::ca_file},          {"net.proxy", &S3Settings::proxy},
      {"net.user_agent", &S3Settings::user_agent},    {"s3.sse", &S3Settings::sse},
      {"s3.sse_kms_key", &S3Settings::sse_kms_key},   {"s3.storage_class", &S3Settings::storage_class},
      {"s3.bucket_owner", &S3Settings::bucket_owner}, {"s3.tags", &S3Settings::tags}};
  for (const auto &[key, member] : texts) {
    auto value = header_setting(settings, key);
    if (!value) return value.error();
    out.*member = std::move(*value);
  }
  for (const auto &[key, member] : {std::pair("s3.secret_key", &S3Settings::secret_key),
                                    std::pair("s3.session_token", &S3Settings::session_token)}) {
    auto value = secret_setting(settings, key);
    if (!value) return value.error();
    out.*member = std::move(*value);
  }
  for (const auto &[key, member] : {std::pair("net.allow_insecure", &S3Settings::allow_insecure),
                                    std::pair("s3.request_payer", &S3Settings::request_payer)}) {
    auto value = boolean_setting(settings, key, false);
    if (!value) return value.error();
    out.*member = *value;
  }
  out.state_dir = setting_or(settings, "state_dir", "");
  if (!out.state_dir.empty() && out.state_dir.front() != '/')
    return bad_setting("state_dir", out.state_dir, "an absolute path, as in /var/tmp/vfslock");
  auto probing = word_setting<Probing>(
      settings, "probe", {{"auto", Probing::automatic}, {"never", Probing::never}, {"always", Probing::always}});
  if (!probing) return probing.error();
  out.probing = *probing;
  auto style = word_setting<AddressStyle>(
      settings, "s3.address_style",
      {{"auto", AddressStyle::automatic}, {"path", AddressStyle::path}, {"virtual", AddressStyle::virtual_host}});
  if (!style) return style.error();
  out.style = *style;
  if (!out.endpoint.empty())
    if (auto address = net::parse_address(out.endpoint, "s3.endpoint"); !address) return address.error();
  if (!out.region.empty() && !net::is_aws_region(out.region))
    return bad_setting("s3.region", out.region,
                       "a region's name: lower-case letters, digits and '-', as in eu-central-1");
  if (!out.sse.empty() && out.sse != "AES256" && out.sse != "aws:kms" && out.sse != "aws:kms:dsse")
    return bad_setting("s3.sse", out.sse, "AES256, aws:kms or aws:kms:dsse");
  if (!out.sse_kms_key.empty() && out.sse.compare(0, 7, "aws:kms") != 0 && settings.count("s3.sse") != 0)
    return bad_setting("s3.sse_kms_key", out.sse_kms_key, "left out, unless s3.sse is aws:kms");
  return out;
}

}  // namespace vfslock::impl
