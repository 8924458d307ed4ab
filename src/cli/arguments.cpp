#include "cli/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <CLI/CLI.hpp>

#include "cli/duration.hpp"
#include "cli/help.hpp"
#include "cli/nearest.hpp"
#include "cli/usage.hpp"

namespace vfslock::cli {
namespace {

class Pages : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App *app, std::string) const override {
    const std::string name = app->get_name();
    if (name == "run") return "\nUsage: vfslock run [OPTIONS] URI -- COMMAND [ARGUMENT...]\n";
    if (name == "status") return "\nUsage: vfslock status [OPTIONS] URI\n";
    if (name == "probe") return "\nUsage: vfslock probe [OPTIONS] URI\n";
    if (name == "version") return "\nUsage: vfslock version [OPTIONS]\n";
    return "\nUsage: vfslock SUBCOMMAND ...\n";
  }
};

const std::string command_example = "vfslock run data.csv -- sort data.csv";

// What CLI11 fills in; texts are checked after it.
struct Texts {
  std::string ttl = "30s", wait, owner, on_stale = "steal", require = "timed", steal = "lease", held_exit = "75";
  std::string run_uri, status_uri, probe_uri;
  bool keep = false, run_json = false, status_json = false, probe_json = false, version_json = false, version = false;
};

std::size_t choice(const std::string &option, const std::string &text, const std::vector<std::string> &choices) {
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (found == choices.end())
    throw UsageError(option + ": \"" + text + "\" is none of " + CLI::detail::join(choices, ", "));
  return static_cast<std::size_t>(found - choices.begin());
}

int exit_code(const std::string &option, const std::string &text) {
  int code = 0;
  const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (problem != std::errc() || rest != text.data() + text.size() || code < 0 || code > 255)
    throw UsageError(option + ": \"" + text + "\" is no exit code; write 0 to 255");
  return code;
}

// CLI11 only says what it could not place.
void refuse_extras(const CLI::App &app) {
  const std::vector<std::string> extras = app.remaining();
  if (extras.empty()) return;
  const std::string &extra = extras.front();
  const bool is_option = extra.size() > 1 && extra[0] == '-';
  std::vector<std::string> known;
  if (is_option)
    for (const CLI::Option *option : app.get_options({}))
      for (const std::string &name : option->get_lnames()) known.push_back("--" + name);
  else
    for (const CLI::App *sub : app.get_subcommands({})) known.push_back(sub->get_name());
  if (!is_option && known.empty())
    throw UsageError("unexpected argument \"" + extra + "\"" +
                     (app.get_name() == "run" ? "; a command is written after --, as in: " + command_example : ""));
  const std::string meant = nearest(extra.substr(0, extra.find('=')), known);
  throw UsageError((is_option ? "there is no option " : "there is no subcommand ") + extra +
                   (meant.empty() ? "" : "; did you mean " + meant + "?"));
}

const std::string &given_uri(const std::string &uri, const CLI::Option *option) {
  if (option->count() == 0) throw UsageError("no URI: name the file to be locked, as in in/data.csv or file:///srv/in/data.csv");
  if (uri.rfind("mem://", 0) == 0)
    throw UsageError(uri + " is a memory of one process, which shares it with nobody: name a file that others see too");
  return uri;
}

RunArguments checked(const Texts &texts, const CLI::Option *uri, const std::vector<std::string> &command,
                     bool separated) {
  RunArguments run;
  run.uri = given_uri(texts.run_uri, uri);
  if (!separated || command.empty())
    throw UsageError("no command: write it after --, as in: " + command_example);
  run.command = command;
  run.ttl_ms = parse_duration("--ttl", texts.ttl, "never", VFSLOCK_TTL_NEVER);
  if (run.ttl_ms > 86'400'000) throw UsageError("--ttl: " + texts.ttl + " is too long; write at most 24h, or never");
  if (!texts.wait.empty()) run.wait_ms = parse_duration("--wait", texts.wait, "forever", VFSLOCK_WAIT_FOREVER);
  run.owner = texts.owner;
  run.refuse_stale = choice("--on-stale", texts.on_stale, {"steal", "refuse"}) == 1;
  constexpr std::int32_t levels[] = {VFSLOCK_GUARANTEE_EXACT, VFSLOCK_GUARANTEE_TIMED, VFSLOCK_GUARANTEE_NONE};
  run.require = levels[choice("--require", texts.require, {"exact", "timed", "none"})];
  choice("--steal", texts.steal, {"lease", "dead", "never"});
  run.steal = texts.steal;
  run.keep = texts.keep;
  run.held_exit = exit_code("--conflict-exit-code", texts.held_exit);
  run.json = texts.run_json;
  return run;
}

}  // namespace

Arguments parse_arguments(int argc, const char *const *argv) {
  // Everything after the first -- is the command of run, as it stands; CLI11 never sees it.
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc), command;
  bool separated = false;
  if (!words.empty() && words[0] == "run") {
    const auto separator = std::find(words.begin(), words.end(), "--");
    separated = separator != words.end();
    if (separated) command.assign(separator + 1, words.end());
    words.erase(separator, words.end());
  }

  // CLI11 would take the next word for the value.
  for (const std::string &word : words)
    if (word.size() > 3 && word.compare(0, 2, "--") == 0 && word.find('=') == word.size() - 1)
      throw UsageError(word.substr(0, word.size() - 1) + ": there is no value after =");

  Texts texts;
  CLI::App app("Locks a file on any storage while a command works on it.", "vfslock");
  auto pages = std::make_shared<Pages>();
  pages->column_width(29);
  app.formatter(pages);
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.set_help_flag("-h,--help", "this page");
  app.allow_extras();
  app.footer(general_help);
  app.add_flag("--version", texts.version, "as \"vfslock version\"");

  auto *run = app.add_subcommand("run", "hold the lock of URI while COMMAND runs");
  run->footer(run_help);
  auto *run_uri = run->add_option("URI", texts.run_uri, "what is locked: a path, or a URI; it need not exist");
  const auto text = [run](const char *name, std::string &to, const char *value, const char *what) {
    run->add_option(name, to, what)->option_text(value);
  };
  text("--ttl", texts.ttl, "DURATION", "how long the lock lives without renewal [30s];\n\"never\": no time ends it");
  text("--wait", texts.wait, "DURATION",
       "how long to wait while others hold it, or\n\"forever\"; without it a held lock is\nrefused at once");
  text("--owner", texts.owner, "ID", "who acquires, shown to others");
  text("--on-stale", texts.on_stale, "steal|refuse",
       "what to do about a stale lock [steal]; refuse\nends with 75");
  text("--steal", texts.steal, "lease|dead|never",
       "whose lock may be stale [lease]: whoever did\nnot renew in time; who is proven dead; nobody");
  text("--require", texts.require, "exact|timed|none",
       "the least guarantee of the storage [timed];\nbelow it: 78");
  run->add_flag("--keep", texts.keep,
                "leave the record when the lock is released:\ntokens are strictly one more at each grant");
  text("-E,--conflict-exit-code", texts.held_exit, "CODE", "the exit code when the lock is not had [75]");
  run->add_flag("--json", texts.run_json, "messages on standard error as JSON, one\nobject a line");

  auto *status = app.add_subcommand("status", "say who holds the lock of URI");
  status->footer(status_help);
  auto *status_uri = status->add_option("URI", texts.status_uri, "what is locked: a path, or a URI");
  status->add_flag("--json", texts.status_json, "the report as one line of JSON");

  auto *probe = app.add_subcommand("probe", "find out what the storage of URI guarantees");
  probe->footer(probe_help);
  auto *probe_uri = probe->add_option("URI", texts.probe_uri, "a file beside which locks shall lie: a path, or a URI");
  probe->add_flag("--json", texts.probe_json, "the report as one line of JSON");

  auto *version = app.add_subcommand("version", "say which version this is");
  version->footer(version_help);
  version->add_flag("--json", texts.version_json, "the same as one line of JSON");

  std::reverse(words.begin(), words.end());  // the order in which CLI11 takes them from its end
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp &) {
    return HelpWanted{app.help()};
  } catch (const CLI::ParseError &problem) {
    throw UsageError(problem.what());
  }
  const auto chosen = app.get_subcommands();
  for (const CLI::App *sub : chosen) refuse_extras(*sub);
  if (chosen.empty()) refuse_extras(app);
  if (chosen.size() > 1) throw UsageError("unexpected argument \"" + chosen[1]->get_name() + "\"");
  if (texts.version || version->parsed()) return VersionArguments{texts.version_json};
  if (run->parsed()) return checked(texts, run_uri, command, separated);
  if (status->parsed()) return StatusArguments{given_uri(texts.status_uri, status_uri), texts.status_json};
  if (probe->parsed()) return ProbeArguments{given_uri(texts.probe_uri, probe_uri), texts.probe_json};
  throw UsageError("no subcommand: write run, status, probe, or version");
}

}  // namespace vfslock::cli
