#include "command_line.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "usage_error.hpp"

namespace liminal::cli {

namespace {

std::vector<std::unique_ptr<Command>> make_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  for (const auto& make :
       {make_init,   make_validate, make_resolve, make_plan,    make_build,    make_push,   make_run,
        make_create, make_deploy,   make_delete,  make_history, make_rollback, make_start,  make_stop,
        make_status, make_logs,     make_ci,      make_schema,  make_explain,  make_version})
    commands.push_back(make());
  return commands;
}

void declare_global(CLI::App& app, GlobalOptions& options) {
  app.add_option(
         "--format", options.format,
         "What standard output gets: text, or a report (json, sarif, junit, markdown, github, gitlab); of plan also "
         "mermaid or dot")
      ->envname("LIMINAL_FORMAT");
  app.add_option("--report", options.reports,
                 "A report besides: junit, sarif, json, markdown, github or gitlab; repeatable")
      ->type_name("KIND=FILE")
      ->check([](const std::string& text) -> std::string {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals + 1 == text.size()) return "it takes KIND=FILE, not " + text;
        if (!report::kind_from(text.substr(0, equals)))
          return text.substr(0, equals) + " is no kind of report; kinds: junit, sarif, json, markdown, github, gitlab";
        return {};
      });
  app.add_option("--color", options.color, "Colours: auto, always or never (NO_COLOR is honoured)")
      ->check(one_of({"auto", "always", "never"}))
      ->envname("LIMINAL_COLOR");
  app.add_option("--fail-on", options.fail_on,
                 "From which severity on findings make the command fail: error, warning or note")
      ->check(one_of({"error", "warning", "note"}))
      ->envname("LIMINAL_FAIL_ON");
  app.add_option("--set", options.set, "A variable's value, over that of every file; repeatable")
      ->type_name("KEY=VALUE");
  app.add_option("--jobs", options.jobs, "Threads to work with (default: one for each processor)")
      ->check(between(1, 256))
      ->envname("LIMINAL_JOBS");
  app.add_flag("-q,--quiet", options.quiet, "Only findings and errors");
  app.add_flag("-v,--verbose", options.verbose, "Say more");
  app.add_option(
         "--config", options.config,
         "File that any option may stand in (default: liminal.toml of this folder); a flag wins over a variable, "
         "a variable over the file")
      ->type_name("FILE")
      ->envname("LIMINAL_CONFIG");
}

void no_empty_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() > 0) option->check(not_empty());
  }
}

// What follows the value of a repeatable option is not another value of it: `--report junit=x.xml FOLDER`.
void one_value_each_time(CLI::App& app) {
  for (CLI::Option* option : app.get_options([](const CLI::Option* one) { return !one->get_positional(); })) {
    if (option->get_items_expected_max() > 1) option->allow_extra_args(false);
  }
}

}  // namespace

CommandLine::CommandLine(GlobalOptions& options)
    : app_("From liminal.yml files to running pipelines: validate, plan, build, deploy.", "liminal") {
  app_.require_subcommand(1);
  app_.fallthrough();
  app_.set_version_flag("--version", fmt::format("liminal {}", version));
  declare_global(app_, options);
  one_value_each_time(app_);
  no_empty_values(app_);
  for (auto& command : make_commands()) entries_.push_back({std::move(command)});
}

void CommandLine::parse(const std::vector<std::string>& typed) {
  const std::vector<std::string> arguments = with_help_as_option(typed);
  bool named = false;
  for (Entry& entry : entries_) {
    if (std::find(arguments.begin(), arguments.end(), entry.command->name()) == arguments.end()) continue;
    declare(entry);
    named = true;
  }
  if (!named) add_all();
  // CLI11 takes them from the end.
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  app_.parse(reversed);
}

// `help` and `help COMMAND` are --help and COMMAND --help; what is no command is an error of its own.
std::vector<std::string> CommandLine::with_help_as_option(std::vector<std::string> arguments) const {
  if (arguments.empty() || arguments.front() != "help") return arguments;
  arguments.erase(arguments.begin());
  const bool known = arguments.empty() || std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
                       return entry.command->name() == arguments.front();
                     });
  if (known) arguments.emplace_back("--help");
  return arguments;
}

void CommandLine::add(Entry& entry) {
  if (entry.app != nullptr) return;
  entry.app = app_.add_subcommand(entry.command->name(), entry.command->summary());
  entry.app->footer("Options of every command, such as --format, --report, --set and --fail-on: liminal --help");
}

void CommandLine::add_all() {
  for (Entry& entry : entries_) add(entry);
}

void CommandLine::declare_all() {
  for (Entry& entry : entries_) declare(entry);
}

Command* CommandLine::chosen() const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.app != nullptr && app_.got_subcommand(entry.app);
  });
  return found == entries_.end() ? nullptr : found->command.get();
}

void CommandLine::declare(Entry& entry) {
  if (entry.declared) return;
  entry.declared = true;
  add(entry);
  entry.command->declare(*entry.app);
  one_value_each_time(*entry.app);
  no_empty_values(*entry.app);
}

}  // namespace liminal::cli
