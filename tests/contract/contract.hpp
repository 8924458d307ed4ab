#pragma once
// CONTRACT_TEST("what holds", Site &site) { … }: one case over every store.
#include <doctest/doctest.h>

#include "races.hpp"
#include "site.hpp"

namespace vfslock::impl::contract {

std::unique_ptr<Site> fresh_site();  // of the kind that this run is about
void skip(const char *why);           // counts; the case returns after it

}  // namespace vfslock::impl::contract

#define CONTRACT_JOIN_(a, b) a##b
#define CONTRACT_JOIN(a, b) CONTRACT_JOIN_(a, b)
#define CONTRACT_CASE(function, name, parameter)                \
  static void function(parameter);                              \
  TEST_CASE(name) {                                             \
    const auto fresh = ::vfslock::impl::contract::fresh_site(); \
    function(*fresh);                                           \
  }                                                             \
  static void function(parameter)
#define CONTRACT_TEST(name, parameter) CONTRACT_CASE(CONTRACT_JOIN(contract_case_, __LINE__), name, parameter)

#define NEEDS(capability, why)                                      \
  do {                                                              \
    if (!(capability)) return ::vfslock::impl::contract::skip(why); \
  } while (false)
