#pragma once
// Looks at a lock without taking it, and how that is told.
#include <string>

#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/handles.hpp"

namespace vfslock::cli {

// What status says of a report, and the exit code that says the same.
struct Standing {
  int code;
  std::string text;
};
Standing standing(const vfslock_report *report);

// One line for people, or the report's JSON.
std::string report_line(const vfslock_report *report, const std::string &uri, bool json);

// The report, or nullptr and an exit code once what went wrong has been told.
using Look = decltype(&vfslock_inspect);
Report look(Look look, const std::string &uri, Console &console, int &code);

// Says what went wrong; returns the exit code.
int tell_error(const Error &error, Console &console);

// Prints; an output that cannot be written is told and gives its exit code instead of `code`.
int print_and_exit_with(int code, const std::string &text, Console &console);

}  // namespace vfslock::cli
