#include "liminal/cli/application.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

#include <fmt/format.h>

#include "liminal/ci/exit_status.hpp"
#include "liminal/report/text.hpp"

#include "command.hpp"
#include "command_line.hpp"
#include "configuration_file.hpp"
#include "usage_error.hpp"

namespace liminal::cli {

namespace {

using report::Terminal;
using report::TerminalOptions;

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
  return status_of_output(out, err, session.finish(command.run(session)));
}

}  // namespace

int run(const std::vector<std::string>& arguments, const Machine& machine) {
  GlobalOptions options;
  CommandLine line(options);
  if (const auto without = value_left_out(arguments)) return refuse(machine, options, *without);
  CLI::App& app = line.app();
  try {
    line.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return print_only(machine, options, app.help());
  } catch (const CLI::CallForVersion&) {
    return print_only(machine, options, fmt::format("liminal {}\n", version));
  } catch (const CLI::ParseError& problem) {
    line.add_all();
    return refuse(machine, options, usage_error(app, arguments, problem));
  }
  const bool named = app.get_option("--config")->count() > 0;
  auto fence = apply_configuration_file(line, machine, named ? std::optional(options.config) : std::nullopt);
  if (!fence) return refuse(machine, options, fence.error());
  options.report_fence = std::move(*fence);
  Command* command = line.chosen();
  return command == nullptr ? ci::exit_status(ErrorKind::usage) : run_command(*command, machine, arguments, options);
}

}  // namespace liminal::cli
