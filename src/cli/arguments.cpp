#include "cli/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <system_error>

#include <CLI/CLI.hpp>

#include "cli/duration.hpp"
#include "cli/help.hpp"
#include "cli/nearest.hpp"
#include "cli/usage.hpp"

namespace vfslock::cli {
namespace {

// What stands behind the name of a subcommand, and what --help says of it.
struct Page {
  const char *name, *usage, *what, *more;
};
const Page pages[] = {
    {"run", "[OPTIONS] URI -- COMMAND [ARGUMENT...]", "hold the lock of URI while COMMAND runs", run_help},
    {"acquire", "[OPTIONS] URI", "take the lock of URI, and leave it held", acquire_help},
    {"renew", "[OPTIONS] URI ID", "renew what acquire took", renew_help},
    {"release", "[OPTIONS] URI ID", "give back what acquire took", release_help},
    {"status", "[OPTIONS] URI", "say who holds the lock of URI", status_help},
    {"watch", "[OPTIONS] URI", "say it again at each change", watch_help},
    {"ls", "[OPTIONS] [PREFIX]", "list the locks below PREFIX", list_help},
    {"break", "[OPTIONS] URI [ID]", "end a tenure that its holder does not end", break_help},
    {"probe", "[OPTIONS] URI", "find out what the storage of URI guarantees", probe_help},
    {"version", "[OPTIONS]", "say which version this is", version_help},
};

class Formatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App *app, std::string) const override {
    for (const Page &page : pages)
      if (app->get_name() == page.name) return std::string("\nUsage: vfslock ") + page.name + " " + page.usage + "\n";
    return "\nUsage: vfslock SUBCOMMAND ...\n";
  }
};

const std::string command_example = "vfslock run data.csv -- sort data.csv";

// What CLI11 fills in; texts are checked after it.
struct Texts {
  std::optional<std::string> ttl, wait, seconds, shell_command;  // an empty one was given, and is wrong
  std::string uri, id, prefix = ".", owner, on_stale = "steal", require = "timed",
              steal = "lease", held_exit = "75", interval = "1s";
  std::vector<std::string> attributes;
  bool no_wait = false, keep = false, create_parents = false, adopt_empty = false, json = false, version = false;
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

void check_uri(const std::string &uri) {
  if (uri.empty()) throw UsageError("no URI: name the file to be locked, as in in/data.csv or file:///srv/in/data.csv");
  if (uri.rfind("mem://", 0) == 0)
    throw UsageError(uri + " is a memory of one process, which shares it with nobody: name a file that others see too");
}

std::string given_id(const Texts &texts) {
  if (texts.id.empty()) throw UsageError("no ID: write the one that acquire printed, as in: vfslock renew data.csv \"$id\"");
  return texts.id;
}

// -w takes seconds, with a fraction perhaps, as flock does.
std::int64_t seconds_ms(const std::string &text) {
  const std::size_t point = text.find('.');
  const std::string whole = text.substr(0, point), part = point == std::string::npos ? "" : text.substr(point + 1, 3);
  const auto digits = [](const std::string &t) { return t.find_first_not_of("0123456789") == std::string::npos; };
  if (text.empty() || text == "." || whole.size() > 9 || !digits(whole) ||
      !digits(point == std::string::npos ? "" : text.substr(point + 1)))
    throw UsageError("-w: \"" + text + "\" is no number of seconds; write -w 10, or --wait 10s");
  return std::stoll("0" + whole) * 1000 + std::stoll("0" + (part + "000").substr(0, 3));
}

std::int64_t wait_of(const Texts &texts) {
  if (int(texts.no_wait) + int(texts.wait.has_value()) + int(texts.seconds.has_value()) > 1)
    throw UsageError("-n, -w and --wait contradict each other: write one of them");
  if (texts.seconds) return seconds_ms(*texts.seconds);
  return texts.wait ? parse_duration("--wait", *texts.wait, "forever", VFSLOCK_WAIT_FOREVER) : VFSLOCK_NO_WAIT;
}

std::int64_t ttl_of(const std::string &text) {
  const std::int64_t ttl_ms = parse_duration("--ttl", text, "never", VFSLOCK_TTL_NEVER);
  if (ttl_ms > 86'400'000) throw UsageError("--ttl: " + text + " is too long; write at most 24h, or never");
  return ttl_ms;
}

void fill(LockArguments &to, const Texts &texts, const char *ttl) {
  to.uri = texts.uri;
  to.ttl_ms = ttl_of(texts.ttl.value_or(ttl));
  to.wait_ms = wait_of(texts);
  to.owner = texts.owner;
  for (const std::string &text : texts.attributes) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos)
      throw UsageError("--attribute: \"" + text + "\" has no name; write NAME=VALUE");
    to.attributes.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  to.refuse_stale = choice("--on-stale", texts.on_stale, {"steal", "refuse"}) == 1;
  constexpr std::int32_t levels[] = {VFSLOCK_GUARANTEE_EXACT, VFSLOCK_GUARANTEE_TIMED, VFSLOCK_GUARANTEE_NONE};
  to.require = levels[choice("--require", texts.require, {"exact", "timed", "none"})];
  choice("--steal", texts.steal, {"lease", "dead", "never"});
  to.steal = texts.steal;
  to.keep = texts.keep;
  to.create_parents = texts.create_parents;
  to.adopt_empty = texts.adopt_empty;
  to.held_exit = exit_code("--conflict-exit-code", texts.held_exit);
  to.json = texts.json;
}

RunArguments run_of(const Texts &texts, std::vector<std::string> command) {
  RunArguments run;
  if (texts.shell_command) {
    if (!command.empty()) throw UsageError("-c and a command after -- contradict each other: write one of them");
    const char *shell = std::getenv("SHELL");
    command = {shell && *shell ? shell : "/bin/sh", "-c", *texts.shell_command};
  }
  if (command.empty()) throw UsageError("no command: write it after --, as in: " + command_example);
  fill(run, texts, "30s");
  run.command = std::move(command);
  return run;
}

AcquireArguments acquire_of(const Texts &texts) {
  AcquireArguments acquire;
  fill(acquire, texts, "5m");
  return acquire;
}

WatchArguments watch_of(const Texts &texts) {
  const std::int64_t interval = parse_duration("--interval", texts.interval, "", 0);
  if (interval < 10 || interval > 3'600'000) throw UsageError("--interval: " + texts.interval + " must be 10ms to 1h");
  return {texts.uri, interval, texts.json};
}

void add_lock_options(CLI::App *app, Texts &texts, const char *ttl_help, const char *held_help) {
  const auto text = [app](const char *name, auto &to, const char *value, const char *what) {
    app->add_option(name, to, what)->option_text(value);
  };
  text("--ttl", texts.ttl, "DURATION", ttl_help);
  text("--wait", texts.wait, "DURATION",
       "how long to wait while others hold it, or\n\"forever\"; without it a held lock is\nrefused at once");
  text("-w,--timeout", texts.seconds, "SECONDS", "the same in seconds, as flock takes it");
  app->add_flag("-n,--nonblock", texts.no_wait, "do not wait, which is the default");
  text("--owner", texts.owner, "ID", "who acquires, shown to others");
  app->add_option("--attribute", texts.attributes, "goes into the record, shown to others; may\nbe repeated")
      ->option_text("NAME=VALUE")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(1)
      ->allow_extra_args(false);
  text("--on-stale", texts.on_stale, "steal|refuse",
       "what to do about a stale lock [steal]; refuse\nends with 75");
  text("--steal", texts.steal, "lease|dead|never",
       "whose lock may be stale [lease]: whoever did\nnot renew in time; who is proven dead; nobody");
  text("--require", texts.require, "exact|timed|none",
       "the least guarantee of the storage [timed];\nbelow it: 78");
  app->add_flag("--keep", texts.keep,
                "leave the record when the lock is released:\ntokens are strictly one more at each grant");
  app->add_flag("--create-parents", texts.create_parents, "make missing directories");
  app->add_flag("--adopt-empty", texts.adopt_empty, "replace an empty lock file, another program's\nmark, that does not change for a TTL");
  text("-E,--conflict-exit-code", texts.held_exit, "CODE", held_help);
}

void add_options(CLI::App *app, const std::string &name, Texts &texts) {
  const auto uri = [&](const char *what) { app->add_option("URI", texts.uri, what); };
  const auto id = [&](const char *what) { app->add_option("ID", texts.id, what); };
  const auto ttl = [&](const char *what) { app->add_option("--ttl", texts.ttl, what)->option_text("DURATION"); };
  const char *json = "the same as one line of JSON";
  if (name == "run" || name == "acquire") uri("what is locked: a path, or a URI; it need not exist");
  else if (name == "ls") app->add_option("PREFIX", texts.prefix, "a directory, or what URIs begin with [.]");
  else if (name != "version") uri("what is locked: a path, or a URI");
  if (name == "renew" || name == "release") id("what acquire printed");
  if (name == "break") id("what is to be ended, as break URI prints it");
  if (name == "run") {
    add_lock_options(app, texts, "how long the lock lives without renewal [30s];\n\"never\": no time ends it", "the exit code when the lock is not had [75]");
    app->add_option("-c,--command", texts.shell_command, "run this by $SHELL -c, instead of COMMAND")->option_text("LINE");
    json = "messages on standard error as JSON, one\nobject a line";
  }
  if (name == "acquire")
    add_lock_options(app, texts, "how long the lock lives without renewal [5m];\n\"never\": no time ends it", "the exit code when the lock is not had [75]");
  if (name == "renew") ttl("the TTL from now on, instead of its own");
  if (name == "watch") {
    app->add_option("--interval", texts.interval, "how often to look [1s]")->option_text("DURATION");
    json = "one line of JSON at each change";
  }
  if (name == "ls") json = "one line of JSON for each lock";
  app->add_flag("--json", texts.json, json);
}

Arguments checked(const std::string &name, const Texts &texts, const std::vector<std::string> &command) {
  if (name == "version") return VersionArguments{texts.json};
  if (name == "ls") return ListArguments{texts.prefix, texts.json};
  check_uri(texts.uri);
  if (name == "run") return run_of(texts, command);
  if (name == "acquire") return acquire_of(texts);
  if (name == "renew")
    return RenewArguments{texts.uri, given_id(texts), texts.ttl ? ttl_of(*texts.ttl) : VFSLOCK_TTL_SAME, texts.json};
  if (name == "release") return ReleaseArguments{texts.uri, given_id(texts), texts.json};
  if (name == "status") return StatusArguments{texts.uri, texts.json};
  if (name == "watch") return watch_of(texts);
  if (name == "break") return BreakArguments{texts.uri, texts.id, texts.json};
  return ProbeArguments{texts.uri, texts.json};
}

}  // namespace

bool is_subcommand(const std::string &name) {
  return std::any_of(std::begin(pages), std::end(pages), [&](const Page &page) { return name == page.name; });
}

Arguments parse_arguments(int argc, const char *const *argv) {
  // Everything after the first -- is the command of run, as it stands; CLI11 never sees it.
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc), command;
  if (!words.empty() && words[0] == "run") {
    const auto separator = std::find(words.begin(), words.end(), "--");
    if (separator != words.end()) command.assign(separator + 1, words.end());
    words.erase(separator, words.end());
  }

  // CLI11 would take the next word for the value.
  for (const std::string &word : words)
    if (word.size() > 3 && word.compare(0, 2, "--") == 0 && word.find('=') == word.size() - 1)
      throw UsageError(word.substr(0, word.size() - 1) + ": there is no value after =");

  Texts texts;
  CLI::App app("Locks a file on any storage while a command works on it.", "vfslock");
  auto formatter = std::make_shared<Formatter>();
  formatter->column_width(29);
  app.formatter(formatter);
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.set_help_flag("-h,--help", "this page");
  app.allow_extras();
  app.footer(general_help);
  app.add_flag("--version", texts.version, "as \"vfslock version\"");
  for (const Page &page : pages) {
    auto *sub = app.add_subcommand(page.name, page.what);
    sub->footer(page.more);
    add_options(sub, page.name, texts);
  }

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
  if (texts.version) return VersionArguments{texts.json};
  if (!chosen.empty()) return checked(chosen[0]->get_name(), texts, command);
  std::string names;
  for (const Page &page : pages) names += std::string(names.empty() ? "" : ", ") + page.name;
  throw UsageError("no subcommand: write one of " + names);
}

}  // namespace vfslock::cli
