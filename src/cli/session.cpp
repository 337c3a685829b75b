#include "session.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/checkout.hpp"
#include "liminal/ci/exit_status.hpp"
#include "liminal/config/config.hpp"
#include "liminal/report/text.hpp"
#include "liminal/rules/reference.hpp"

#include "configuration_file.hpp"

namespace liminal::cli {

Session::Session(const World& world, const Machine& machine, const std::vector<std::string>& arguments,
                 const GlobalOptions& options, const CommandOutput& command, report::Terminal& out,
                 report::Terminal& err)
    : world_(world),
      machine_(machine),
      arguments_(arguments),
      options_(options),
      command_(command),
      out_(out),
      err_(err),
      started_(world.clock.now()),
      began_(world.clock.monotonic()) {}

Severity Session::fail_on() const {
  if (options_.fail_on == "note") return Severity::note;
  return options_.fail_on == "warning" ? Severity::warning : Severity::error;
}

bool Session::typed(std::string_view option) const {
  const auto end = std::find(arguments_.begin(), arguments_.end(), "--");
  return std::any_of(arguments_.begin(), end, [&](std::string_view argument) {
    return argument.starts_with(option) && (argument.size() == option.size() || argument[option.size()] == '=');
  });
}

std::filesystem::path Session::absolute(const std::string& path) const {
  return (machine_.working_folder / path).lexically_normal();
}

Result<std::pair<std::string, std::string>> key_and_value(const std::string& text, std::string_view option) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    const std::string_view name = equals == 0 ? "NAME" : std::string_view(text);
    const std::string_view value = equals == 0 ? std::string_view(text).substr(1) : "VALUE";
    return fail(ErrorKind::usage, fmt::format("{} takes a name and a value with = between them, not {}", option, text),
                fmt::format("write {} {}={}", option, name, value));
  }
  return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

Result<ci::Request> Session::request(const std::vector<std::string>& paths) const {
  ci::Request request;
  request.working_folder = machine_.working_folder;
  for (const std::string& path : paths) request.paths.push_back(absolute(path));
  for (const std::string& text : options_.set) {
    auto pair = key_and_value(text, "--set");
    if (!pair) return tl::unexpected(std::move(pair.error()));
    request.validation.config.set.insert_or_assign(std::move(pair->first), std::move(pair->second));
  }
  request.fail_on = fail_on();
  request.images.output = machine_.working_folder / ".liminal/images";
  const auto cache = machine_.environment.get("XDG_CACHE_HOME");
  const auto home = machine_.environment.get("HOME");
  request.images.cache = cache && !cache->empty() ? std::filesystem::path(*cache) / "liminal"
                                                  : std::filesystem::path(home.value_or("/tmp")) / ".cache/liminal";
  return request;
}

report::Context Session::context(const report::RunReport& run) const {
  std::vector<report::RuleDescription> descriptions;
  for (const rules::Rule* rule : rules::all()) {
    descriptions.push_back(
        {std::string(rule->id), std::string(rule->summary), rules::markdown_help(*rule), rule->severity});
  }
  return report::make_context(version, std::move(descriptions), machine_.working_folder, run, world_.files);
}

Status Session::check_reports() const {
  std::map<std::filesystem::path, std::string> seen;
  for (const std::string& text : options_.reports) {
    const std::string name = text.substr(text.find('=') + 1);
    if (name == "-" && options_.format != "text") {
      return fail(ErrorKind::usage, fmt::format("--report {} and --format {} go to one place", text, options_.format),
                  "give the report a file, or leave out --format");
    }
    std::filesystem::path path = name == "-" ? std::filesystem::path(name) : real_place(absolute(name));
    if (path.empty()) path = absolute(name);  // an open pipe has no place
    if (const auto there = world_.files.info_following_links(path);
        there && there->kind == FileInfo::Kind::directory && name != "-") {
      return fail(
          ErrorKind::usage, fmt::format("--report {} names a folder", text),
          fmt::format("name a file in it, such as {}", (absolute(name) / "report").lexically_normal().string()));
    }
    const std::string file = path.filename().string();
    if (file == "liminal.yml" || file == "liminal.yaml" || file == "liminal.toml" || file == config::types_file_name) {
      return fail(ErrorKind::usage, fmt::format("--report {} would replace a file that is read here", text),
                  "give the report a name of its own");
    }
    const auto [earlier, first] = seen.emplace(path, text);
    if (!first) {
      return fail(ErrorKind::usage, fmt::format("--report {} and --report {} go to one place", earlier->second, text),
                  "give each a file of its own");
    }
  }
  return {};
}

Status Session::write_report(const report::RunReport& run, const std::string& text) const {
  const auto pair = key_and_value(text, "--report");
  if (!pair) return tl::unexpected(pair.error());
  const auto kind = report::kind_from(pair->first);
  if (!kind) {
    return fail(ErrorKind::usage, fmt::format("--report knows no kind {}", pair->first),
                "kinds: junit, sarif, json, markdown, github, gitlab");
  }
  const std::string content = report::write(*kind, run, context(run));
  if (pair->second == "-") {
    out_.document(content);
    return {};
  }
  // Once more: what ran meanwhile may have put a link there.
  if (options_.report_fence && !stays_inside(*options_.report_fence, absolute(pair->second)))
    return fail(ErrorKind::usage, fmt::format("the {} report now leads out of the repository", pair->first));
  if (auto written = world_.files.write_to_named(absolute(pair->second), content); !written)
    return tl::unexpected(std::move(written.error()).wrap(fmt::format("the {} report was not written", pair->first)));
  return {};
}

// One that cannot be written keeps none of the others back.
int Session::write_reports(const report::RunReport& run) const {
  reported_ = true;
  int status = 0;
  for (const std::string& text : options_.reports) {
    const auto written = write_report(run, text);
    if (written) continue;
    report::print_error(err_, written.error());
    if (status == 0) status = ci::exit_status(written.error().kind);
  }
  return status;
}

report::RunReport Session::with_stage(report::RunReport run, int status) {
  if (!run.stages.empty()) return run;
  report::Stage stage;
  stage.name = run.command;
  stage.took = run.took;
  if (status != 0) stage.outcome = report::Outcome::failed;
  if (!run.errors.empty()) {
    stage.summary = run.errors.front().message;
  } else if (status > 128) {
    stage.summary = "interrupted";
  }
  run.stages.push_back(std::move(stage));
  return run;
}

report::RunReport Session::new_report() const {
  report::RunReport run;
  run.command = command_.name;
  run.started = started_;
  run.took = std::chrono::duration_cast<std::chrono::milliseconds>(world_.clock.monotonic() - began_);
  return run;
}

int Session::end(const report::RunReport& run) const {
  const int status = ci::exit_status(run, fail_on(), machine_.cancellation);
  const report::RunReport reported = with_stage(run, status);
  // What the options name was checked before the command began: a format here is a kind of report, or text.
  const auto kind = report::kind_from(options_.format);
  if (kind && command_.formats_are_reports) out_.document(report::write(*kind, reported, context(reported)));
  report::print_findings(err_, run.findings);
  for (const Error& error : run.errors) report::print_error(err_, error);
  if (!options_.quiet) {
    // Of one stage the summary tells everything; of several it tells what was found, if anything was.
    if (run.stages.size() > 1) {
      for (const report::Stage& stage : run.stages) report::print_stage(err_, stage);
    }
    if (!run.findings.empty() || (run.stages.size() == 1 && run.errors.empty())) report::print_summary(err_, run);
  }
  const int unwritten = write_reports(reported);
  return status == 0 ? unwritten : status;
}

int Session::end_quietly(report::RunReport run) const {
  sort_and_deduplicate(run.findings);
  report::print_findings(err_, run.findings);
  const int status = ci::exit_status(run, fail_on(), machine_.cancellation);
  const int unwritten = write_reports(with_stage(std::move(run), status));
  return status == 0 ? unwritten : status;
}

// What could not begin is reported, too: whoever reads a report finds out why it is empty.
int Session::end(const Error& error) const {
  report::RunReport run = new_report();
  run.errors.push_back(error);
  // A command whose --format names forms of its own data has nothing else to say in JSON of what could not begin.
  if (options_.format == "json" && !command_.formats_are_reports) {
    const report::RunReport reported = with_stage(run, ci::exit_status(error.kind));
    out_.document(report::write(report::Kind::json, reported, context(reported)));
  }
  return end(run);
}

int Session::finish(int status) const {
  if (reported_ || options_.reports.empty()) return status;
  const int unwritten = write_reports(with_stage(new_report(), status));
  return status == 0 ? unwritten : status;
}

}  // namespace liminal::cli
