#include "capi/guard.hpp"

#include <new>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

using namespace vfslock::impl;

namespace {

struct Outcome {
  vfslock_status status;
  vfslock_error *error = nullptr;
  ~Outcome() { vfslock_error_free(error); }
};

template <class Body>
void run(Outcome &outcome, Body body) {
  outcome.status = guard("test", &outcome.error, [&](Site &site) -> Result<Done> {
    site.uri = "mem://x/y";
    return body();
  });
}

}  // namespace

TEST_CASE("success leaves ret_err alone") {
  auto *mark = reinterpret_cast<vfslock_error *>(1);
  CHECK(guard("test", &mark, [](Site &) -> Result<Done> { return Done{}; }) == VFSLOCK_OK);
  CHECK(mark == reinterpret_cast<vfslock_error *>(1));
}

TEST_CASE("an error value becomes an object that knows the call and the URI") {
  Outcome it;
  run(it, []() -> Result<Done> { return Error{Status::NO_SPACE, "full", {}, {}, {}, 0, {}, {{"errno", "28"}}}; });
  CHECK(it.status == VFSLOCK_NO_SPACE);
  CHECK(vfslock_error_status(it.error) == it.status);
  CHECK(vfslock_error_message(it.error) == std::string("full"));
  CHECK(vfslock_error_operation(it.error) == std::string("test"));
  CHECK(vfslock_error_uri(it.error) == std::string("mem://x/y"));
  CHECK(vfslock_error_detail(it.error, "errno") == std::string("28"));
  CHECK(vfslock_error_detail(it.error, "http_status") == nullptr);
  CHECK(vfslock_error_retryable(it.error) == 1);
}

TEST_CASE("every exception becomes a status, and an error that says what it can") {
  Outcome memory, argument, standard, other;
  run(memory, []() -> Result<Done> { throw std::bad_alloc(); });
  CHECK(memory.status == VFSLOCK_NO_MEMORY);
  CHECK(memory.error == no_memory());
  CHECK(vfslock_error_status(memory.error) == VFSLOCK_NO_MEMORY);
  CHECK(vfslock_error_message(memory.error) == std::string("out of memory"));
  CHECK(vfslock_error_uri(memory.error) == std::string(""));
  run(argument, []() -> Result<Done> { throw Failure{Error{Status::INVALID_ARGUMENT, "bad"}}; });
  CHECK(argument.status == VFSLOCK_INVALID_ARGUMENT);
  CHECK(vfslock_error_message(argument.error) == std::string("bad"));
  run(standard, []() -> Result<Done> { throw std::runtime_error("broken"); });
  CHECK(standard.status == VFSLOCK_INTERNAL);
  CHECK(std::string(vfslock_error_message(standard.error)).find("broken") != std::string::npos);
  run(other, []() -> Result<Done> { throw 42; });
  CHECK(other.status == VFSLOCK_INTERNAL);
}

TEST_CASE("without ret_err the status is told all the same") {
  CHECK(guard("test", nullptr, [](Site &) -> Result<Done> { throw std::bad_alloc(); }) == VFSLOCK_NO_MEMORY);
  CHECK(guard("test", nullptr, [](Site &) -> Result<Done> { throw Failure{Error{Status::VETOED, "no"}}; }) == VFSLOCK_VETOED);
  CHECK(guard("test", nullptr, [](Site &) -> Result<Done> { return Error{Status::HELD, "held"}; }) == VFSLOCK_HELD);
}

TEST_CASE("the error without memory may be freed as often as it is given out") {
  vfslock_error_free(no_memory());
  vfslock_error_free(no_memory());
  CHECK(vfslock_error_retryable(no_memory()) == 1);
}
