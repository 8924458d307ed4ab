#include "storage/object/s3/answers.hpp"

#include <algorithm>

#include "net/retry.hpp"
#include "net/text.hpp"
#include "net/xml.hpp"

namespace vfslock::impl::s3 {
namespace {

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_write(Verb verb) { return verb == Verb::create || verb == Verb::replace || verb == Verb::remove; }

// What a server says goes into messages: its control bytes do not, nor a whole page.
std::string printable(std::string_view text) { return net::printable(text, 200); }

const char *name_of(Verb verb) {
  switch (verb) {
    case Verb::create: return "create";
    case Verb::replace: return "replace";
    case Verb::remove: return "remove";
    case Verb::read: return "read";
    case Verb::list: return "list";
  }
  return "";
}

// A conditional write compares what it may read.
const char *permission_of(Verb verb) {
  switch (verb) {
    case Verb::create: return "s3:PutObject";
    case Verb::replace: return "s3:PutObject and s3:GetObject";
    case Verb::remove: return "s3:DeleteObject and s3:GetObject";
    case Verb::read:
      return "s3:GetObject, and s3:ListBucket on the bucket (without it S3 denies to read what is not there)";
    case Verb::list: return "s3:ListBucket on the bucket";
  }
  return "";
}

}  // namespace

ErrorDocument error_document(const net::Answer &answer) {
  ErrorDocument out;
  if (const std::string *id = answer.header("x-amz-request-id")) out.request_id = printable(*id);
  if (answer.body.empty() || answer.cut) return out;
  const auto document = net::parse_xml(answer.body);
  if (!document || document->name != "Error") return out;
  const auto text = [&](const char *name) {
    const auto *found = document->find({name});
    return found ? printable(found->text) : std::string();
  };
  out.code = text("Code");
  out.message = text("Message");
  out.region = text("Region");
  if (out.request_id.empty()) out.request_id = text("RequestId");
  return out;
}

Verdict judge_answer(Verb verb, const net::Answer &answer, const ErrorDocument &document) {
  const std::string &code = document.code;
  switch (answer.status) {
    case 200:
    case 204:
    case 206: return code.empty() ? Verdict::done : Verdict::unknown;  // an error document inside a success
    case 304:
    case 412: return is_write(verb) ? Verdict::refused : Verdict::misused;
    case 301:
    case 302:
    case 307:
    case 308: return Verdict::moved;
    case 400:
      if (one_of(code, {"ExpiredToken", "InvalidToken", "TokenRefreshRequired"})) return Verdict::keys_refused;
      if (code == "AuthorizationHeaderMalformed" && !document.region.empty()) return Verdict::moved;
      if (one_of(code, {"RequestTimeout", "IncompleteBody"})) return Verdict::unknown;
      if (code == "InvalidRequest" && (document.message.find("Content-MD5") != std::string::npos ||
                                       document.message.find("hecksum") != std::string::npos))
        return Verdict::wants_checksum;
      return Verdict::misused;
    case 401: return Verdict::keys_refused;
    case 403:
      if (code == "RequestTimeTooSkewed") return Verdict::clock_skewed;
      if (one_of(code, {"ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId",
                        "SignatureDoesNotMatch", "ExpiredTokenException", "InvalidClientTokenId"}))
        return Verdict::keys_refused;
      return code == "InvalidObjectState" ? Verdict::misused : Verdict::denied;
    case 404:
      if (code == "NoSuchBucket") return Verdict::no_bucket;
      if (verb == Verb::read || verb == Verb::remove) return Verdict::absent;
      // A replace whose object is gone; an absent object is no reason to refuse a create.
      return verb == Verb::replace ? Verdict::refused : Verdict::misused;
    case 405: return Verdict::unsupported;
    case 408: return Verdict::unknown;
    case 409:
      return code.empty() || one_of(code, {"ConditionalRequestConflict", "OperationAborted"}) ? Verdict::conflict
                                                                                              : Verdict::misused;
    case 429:
    case 503: return Verdict::throttled;
    case 501: return Verdict::unsupported;
    default: break;
  }
  if (answer.status >= 500) return Verdict::unknown;
  return answer.status >= 400 ? Verdict::misused : Verdict::unknown;
}

Error error_of(Verb verb, Verdict verdict, const net::Answer &answer, const ErrorDocument &document,
               const std::string &bucket, const std::string &key) {
  const std::string place = "s3://" + bucket + (key.empty() ? "" : "/" + printable(key));
  const std::string said = std::to_string(answer.status) + (document.code.empty() ? "" : " " + document.code) +
                           (document.message.empty() ? "" : ": " + document.message);
  const std::string asked = std::string("cannot ") + name_of(verb) + " " + place;
  Error error{Status::UNAVAILABLE, asked + ": the server says " + said};
  error.details.emplace_back("http_status", std::to_string(answer.status));
  if (!document.request_id.empty()) error.details.emplace_back("request_id", document.request_id);
  switch (verdict) {
    case Verdict::denied:
      error.status = Status::PERMISSION_DENIED;
      error.message = asked + ": it takes the permission " + permission_of(verb) + " (the server says " + said + ")";
      break;
    case Verdict::keys_refused:
      error.status = Status::UNAUTHENTICATED;
      error.message = asked + ": the server does not accept the credentials (" + said + ")";
      break;
    case Verdict::clock_skewed:
      error.message =
          asked + ": the server does not accept the time of the request, although its own was used (" + said + ")";
      break;
    case Verdict::moved: {
      const std::string *where = answer.header("location");
      error.status = Status::INVALID_ARGUMENT;
      error.message = asked + ": the server sends elsewhere" + (where ? " (" + printable(*where) + ")" : "") +
                      ", which is not followed: set the endpoint and region of the bucket (" + said + ")";
      break;
    }
    case Verdict::no_bucket:
      error.status = Status::NOT_FOUND;
      error.message = "there is no bucket \"" + bucket + "\" at this endpoint";
      break;
    case Verdict::unsupported:
      error.status = Status::UNSUPPORTED;
      error.message = asked + ": the server does not know this conditional request (" + said + ")";
      break;
    case Verdict::misused:
    case Verdict::wants_checksum:
      error.status = Status::INVALID_ARGUMENT;
      if (document.code == "InvalidObjectState")
        error.message = asked + ": the object is archived: restore it, or remove it if it is no lock (" + said + ")";
      break;
    case Verdict::throttled: error.retry_after = net::retry_after(answer); break;
    default: break;
  }
  return error;
}

}  // namespace vfslock::impl::s3
