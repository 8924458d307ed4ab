#pragma once
// What S3's answers mean: the table of BACKENDS §1, once, for every request.
#include <string>

#include "net/http.hpp"

namespace vfslock::impl::s3 {

enum class Verb { create, replace, remove, read, list };

enum class Verdict {
  done,
  refused,         // the condition did not hold, or this is the echo of an own earlier copy (R6)
  absent,          // no such object
  unknown,         // nothing that can be trusted: it may have been applied
  throttled,       // too many requests; on a write unknown as well
  conflict,        // another write was under way: surely not applied, send it again
  denied,          // by policy
  keys_refused,    // wrong or expired credentials
  clock_skewed,    // signed at a time that the server does not believe
  moved,           // another region serves this bucket
  wants_checksum,  // Object Lock
  no_bucket,
  unsupported,  // the server does not know this request, or this condition
  misused,      // the request cannot succeed as it is: the message says why
};

// The error document of S3; empty where there is none.
struct ErrorDocument {
  std::string code, message, region, request_id;
};
ErrorDocument error_document(const net::Answer &answer);

Verdict judge_answer(Verb verb, const net::Answer &answer, const ErrorDocument &document);

// An Error for people: what was asked, what the server said, what would help.
Error error_of(Verb verb, Verdict verdict, const net::Answer &answer, const ErrorDocument &document,
               const std::string &bucket, const std::string &key);

}  // namespace vfslock::impl::s3
