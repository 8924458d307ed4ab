// contract-NAME [KIND [doctest options]]: the suite over one kind of a storage, or over all of its kinds.
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdio>
#include <cstring>
#include <map>

#include "contract.hpp"

namespace vfslock::impl::contract {
namespace {

const SiteKind *current = nullptr;
std::map<std::string, int> skipped;

// doctest's own summary knows no skips that are decided while a case runs.
struct Counts : doctest::IReporter {
  explicit Counts(const doctest::ContextOptions &) {}
  void report_query(const doctest::QueryData &) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats &stats) override {
    int without = 0;
    for (const auto &[why, count] : skipped) {
      std::printf("%s: %d skipped: %s\n", current->name.c_str(), count, why.c_str());
      without += count;
    }
    const int failed = static_cast<int>(stats.numTestCasesFailed);
    const int run = static_cast<int>(stats.numTestCasesPassingFilters);
    std::printf("%s: %d passed, %d failed, %d skipped\n", current->name.c_str(), run - failed - without, failed,
                without);
    skipped.clear();
  }
  void test_case_start(const doctest::TestCaseData &) override {}
  void test_case_reenter(const doctest::TestCaseData &) override {}
  void test_case_end(const doctest::CurrentTestCaseStats &) override {}
  void test_case_exception(const doctest::TestCaseException &) override {}
  void subcase_start(const doctest::SubcaseSignature &) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData &) override {}
  void log_message(const doctest::MessageData &) override {}
  void test_case_skipped(const doctest::TestCaseData &) override {}
};

}  // namespace

std::unique_ptr<Site> fresh_site() { return current->make(); }

void skip(const char *why) { ++skipped[why]; }

int run(int argc, char **argv) {
  const char *wanted = argc > 1 && argv[1][0] != '-' ? argv[1] : nullptr;
  int result = 0;
  bool found = false;
  for (const SiteKind &kind : site_kinds()) {
    if (wanted && kind.name != wanted) continue;
    found = true;
    current = &kind;
    doctest::Context context;
    context.applyCommandLine(argc, argv);
    result |= context.run();
  }
  if (!found) std::fprintf(stderr, "there is no kind \"%s\" of this storage\n", wanted ? wanted : "");
  return found ? result : 2;
}

}  // namespace vfslock::impl::contract

using vfslock::impl::contract::Counts;
REGISTER_LISTENER("counts", 1, Counts);

int main(int argc, char **argv) { return vfslock::impl::contract::run(argc, argv); }
