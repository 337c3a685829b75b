#include "liminal/cli/application.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

#include <fmt/format.h>

#include "liminal/ci/exit_status.hpp"
#include "liminal/report/text.hpp"

#include "command.hpp"
#include "configuration_file.hpp"
#include "usage_error.hpp"

namespace liminal::cli {

namespace {

using report::Terminal;
using report::TerminalOptions;

std::vector<std::unique_ptr<Command>> make_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  for (const auto& make :
       {make_init,   make_validate, make_resolve, make_plan,    make_build,    make_push,   make_run,
        make_create, make_deploy,   make_delete,  make_history, make_rollback, make_start,  make_stop,
        make_status, make_logs,     make_ci,      make_schema,  make_explain,  make_version})
    commands.push_back(make());
  return commands;
}

void declare(CLI::App& app, GlobalOptions& options) {
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

TerminalOptions terminal_options(const Machine& machine, const GlobalOptions& options, int descriptor,
                                 bool is_terminal) {
  const auto no_color = machine.environment.get("NO_COLOR");
  TerminalOptions terminal;
  terminal.descriptor = descriptor;
  terminal.color =
      options.color == "always" || (options.color == "auto" && is_terminal && (!no_color || no_color->empty()));
  terminal.interactive = is_terminal && machine.environment.get("TERM").value_or("dumb") != "dumb";
  terminal.width = machine.columns;
  return terminal;
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

// What a program ends with that SIGPIPE ends, as most do whose reader had enough (head); this one ignores the signal,
// so that what it has begun is finished.
constexpr int reader_has_gone = 128 + SIGPIPE;

// Output that was lost is no success, and says more than findings do: whoever reads a report of it has half of one.
int status_of_output(const Terminal& out, Terminal& err, int status) {
  constexpr int changes_to_make = 5;
  if (out.error() == 0) return status;
  if (out.error() == EPIPE) return status == 0 || status == changes_to_make ? reader_has_gone : status;
  const std::string reason = std::generic_category().message(out.error());
  report::print_error(err, Error{ErrorKind::failed,
                                 fmt::format("standard output did not take all of it: {}", reason),
                                 "part of the output is lost: make room, or send it elsewhere",
                                 {},
                                 {},
                                 false});
  return status <= 1 || status == changes_to_make ? ci::exit_status(ErrorKind::failed) : status;
}

int refuse(const Machine& machine, const GlobalOptions& options, const Error& error) {
  Terminal err(terminal_options(machine, options, 2, machine.error_is_terminal));
  report::print_error(err, error);
  return ci::exit_status(error.kind);
}

int print_only(const Machine& machine, const GlobalOptions& options, const std::string& text) {
  Terminal out(terminal_options(machine, options, 1, machine.output_is_terminal));
  Terminal err(terminal_options(machine, options, 2, machine.error_is_terminal));
  out.text(text);
  return status_of_output(out, err, 0);
}

int run_command(Command& command, const Machine& machine, const std::vector<std::string>& arguments,
                const GlobalOptions& options) {
  Terminal out(terminal_options(machine, options, 1, machine.output_is_terminal));
  Terminal err(terminal_options(machine, options, 2, machine.error_is_terminal));
  const auto progress = report::make_terminal_progress(err, options.quiet);
  const World world{machine.files,        machine.processes,
                    machine.http,         machine.clock,
                    machine.environment,  *progress,
                    machine.cancellation, options.jobs == 0 ? machine.processors : options.jobs};
  const std::vector<std::string> formats = command.formats();
  const CommandOutput output{command.name(), std::find(formats.begin(), formats.end(), "junit") != formats.end()};
  Session session(world, machine, arguments, options, output, out, err);
  if (std::find(formats.begin(), formats.end(), options.format) == formats.end()) {
    return refuse(machine, options,
                  Error{ErrorKind::usage,
                        fmt::format("liminal {} has no format {}", command.name(), options.format),
                        fmt::format("formats: {}", fmt::join(formats, ", ")),
                        {},
                        {},
                        false});
  }
  if (const auto sound = session.check_reports(); !sound) return refuse(machine, options, sound.error());
  return status_of_output(out, err, command.run(session));
}

}  // namespace

int run(const std::vector<std::string>& arguments, const Machine& machine) {
  GlobalOptions options;
  CLI::App app("From liminal.yml files to running pipelines: validate, plan, build, deploy.", "liminal");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", fmt::format("liminal {}", version));
  declare(app, options);
  const auto commands = make_commands();
  for (const auto& command : commands) command->declare(*app.add_subcommand(command->name(), command->summary()));
  one_value_each_time(app);
  no_empty_values(app);
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    one_value_each_time(*command);
    no_empty_values(*command);
  }

  if (const auto without = value_left_out(arguments)) return refuse(machine, options, *without);
  // CLI11 takes them from the end.
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    return print_only(machine, options, chosen.empty() ? app.help() : chosen.front()->help());
  } catch (const CLI::CallForAllHelp&) {
    return print_only(machine, options, app.help("", CLI::AppFormatMode::All));
  } catch (const CLI::CallForVersion&) {
    return print_only(machine, options, fmt::format("liminal {}\n", version));
  } catch (const CLI::ParseError& problem) {
    return refuse(machine, options, usage_error(app, problem));
  }
  const bool named = app.get_option("--config")->count() > 0;
  auto fence = apply_configuration_file(app, machine, named ? std::optional(options.config) : std::nullopt);
  if (!fence) return refuse(machine, options, fence.error());
  options.report_fence = std::move(*fence);
  for (const auto& command : commands) {
    if (app.got_subcommand(command->name())) return run_command(*command, machine, arguments, options);
  }
  return 2;
}

}  // namespace liminal::cli
