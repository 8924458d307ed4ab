#include "net/aws/sigv4.hpp"

#include <algorithm>
#include <charconv>

#include <nettle/hmac.h>
#include <string.h>

#include "base/hash.hpp"
#include "base/rfc3339.hpp"
#include "net/text.hpp"

namespace vfslock::impl::net {
namespace {

std::string hmac(const Secret &key, std::string_view text) {
  hmac_sha256_ctx hash;
  const std::string &bytes = key.reveal();
  hmac_sha256_set_key(&hash, bytes.size(), reinterpret_cast<const std::uint8_t *>(bytes.data()));
  hmac_sha256_update(&hash, text.size(), reinterpret_cast<const std::uint8_t *>(text.data()));
  std::string out(SHA256_DIGEST_SIZE, '\0');
  hmac_sha256_digest(&hash, out.size(), reinterpret_cast<std::uint8_t *>(out.data()));
  explicit_bzero(&hash, sizeof hash);  // the key can be made from it
  return out;
}

// "20130524T000000Z"
std::string basic_time(WallTime time) {
  std::string out;
  for (const char c : format_rfc3339(std::chrono::floor<std::chrono::seconds>(time)))
    if (c != '-' && c != ':') out += c;
  return out;
}

std::string canonical_query(const AwsRequest &request) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto &[name, value] : request.query) pairs.emplace_back(aws_encode(name, false), aws_encode(value, false));
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto &[name, value] : pairs) out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
  return out;
}

std::string signing_key(const AwsKeys &keys, std::string_view day, std::string_view region, std::string_view service) {
  std::string key = hmac(Secret("AWS4" + keys.secret_key.reveal()), day);
  for (const std::string_view step : {region, service, std::string_view("aws4_request")})
    key = hmac(Secret(std::move(key)), step);
  return key;
}

}  // namespace

std::string aws_encode(std::string_view bytes, bool keep_slash) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : bytes) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~' || (keep_slash && c == '/');
    if (plain) out += c;
    else
      out.append(1, '%')
          .append(1, hex[static_cast<unsigned char>(c) >> 4])
          .append(1, hex[static_cast<unsigned char>(c) & 0xF]);
  }
  return out;
}

std::optional<std::string> aws_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
    if (error != std::errc() || end != text.data() + i + 3) return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

Request aws_sign(const AwsRequest &request, const Address &host, const AwsKeys &keys, const std::string &region,
                 const std::string &service, WallTime now) {
  const std::string time = basic_time(now), day = time.substr(0, 8), payload = sha256_hex(request.body);
  const std::string path = host.prefix + aws_encode(request.path, true), query = canonical_query(request);

  Request out;
  out.method = request.method;
  out.url = host.origin() + path + (query.empty() ? "" : "?" + query);
  out.headers = request.headers;
  out.headers.push_back({"Host", host.authority()});
  out.headers.push_back({"x-amz-content-sha256", payload});
  out.headers.push_back({"x-amz-date", time});
  if (!keys.session_token.empty()) out.headers.push_back({"x-amz-security-token", keys.session_token.reveal()});
  out.body = request.body;

  std::vector<Header> signed_headers = out.headers;
  for (Header &header : signed_headers) header.name = lower(header.name);
  std::sort(signed_headers.begin(), signed_headers.end(),
            [](const Header &a, const Header &b) { return a.name < b.name; });
  std::string names, lines;
  for (const Header &header : signed_headers) {
    names.append(names.empty() ? "" : ";").append(header.name);
    lines.append(header.name).append(":").append(header.value).append("\n");
  }
  const std::string canonical =
      request.method + "\n" + path + "\n" + query + "\n" + lines + "\n" + names + "\n" + payload;
  const std::string scope = day + "/" + region + "/" + service + "/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + sha256_hex(canonical);
  const std::string signature = hex(hmac(Secret(signing_key(keys, day, region, service)), to_sign));
  out.headers.push_back({"Authorization", "AWS4-HMAC-SHA256 Credential=" + keys.access_key + "/" + scope +
                                              ",SignedHeaders=" + names + ",Signature=" + signature});
  return out;
}

}  // namespace vfslock::impl::net
