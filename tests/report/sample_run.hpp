// Runs to report on, for the tests of every report kind.
#pragma once

#include <memory>
#include <string>

#include "liminal/report/run_report.hpp"
#include "liminal/report/writer.hpp"

namespace liminal::testing {

inline Diagnostic sample_finding(Severity severity = Severity::error, const std::string& path = "tasks[train].env") {
  Diagnostic finding;
  finding.rule = "unknown-key";
  finding.severity = severity;
  finding.message = "unknown key `env`";
  finding.help = "did you mean `env_vars`?";
  finding.location = {"liminal.yml", {{2, 5}, {2, 8}}};
  finding.yaml_path = path;
  finding.value = "env";
  finding.source = std::make_shared<const std::string>("tasks:\n  - env: x\n");
  finding.related.push_back({{"liminal.yml", {{1, 1}, {1, 6}}}, "of this task", nullptr});
  finding.fix = Fix{"replace `env` by `env_vars`", {{2, 5}, {2, 8}}, "env_vars", true};
  return finding;
}

// A failure of the world that is about a line.
inline Error sample_error() {
  Error error{ErrorKind::failed, "cannot apply x", "correct what the server names", {"not allowed"}, {}};
  error.location = {"liminal.yml", {{2, 5}, {2, 8}}};
  error.source = std::make_shared<const std::string>("tasks:\n  - env: x\n");
  return error;
}

inline report::RunReport sample_run() {
  using report::Outcome;
  report::RunReport run;
  run.command = "ci";
  run.started = Clock::WallTime{std::chrono::milliseconds{1'763'900'000'000}};
  run.took = std::chrono::milliseconds{1500};
  run.files_checked = 2;
  run.rules_applied = 23;
  run.findings = {sample_finding()};
  report::Stage validate{"validate", Outcome::failed, "1 error in 1 of 2 files", std::chrono::milliseconds{12}, {}};
  validate.cases.push_back({"wine", "liminal.yml", Outcome::failed, "1 error", {}, "liminal.yml", {1, 1}, {}});
  validate.cases.push_back({"wine", "other/liminal.yml", Outcome::passed, {}, {}, "other/liminal.yml", {1, 1}, {}});
  report::Stage build{"build", Outcome::skipped, "validate failed", {}, {}};
  build.cases.push_back({"wine", "image wine", Outcome::skipped, "validate failed", {}, {}, {}, {}});
  report::Stage run_stage{"run", Outcome::failed, "1 task failed", std::chrono::milliseconds{900}, {}};
  run_stage.cases.push_back({"wine",
                             "train",
                             Outcome::failed,
                             "ended with 1",
                             "Traceback\nValueError: x\n",
                             "liminal.yml",
                             {9, 5},
                             std::chrono::milliseconds{900}});
  run.stages = {validate, build, run_stage};
  return run;
}

inline report::Context sample_context() {
  report::Context context;
  context.tool_version = "0.1.0";
  context.root = "/checkout";
  context.rules = {
      {"unknown-key", "a key that the format does not have", "Write a key that the format has.", Severity::error},
      {"bad-cron", "a schedule that is no cron expression", "", Severity::warning}};
  return context;
}

}  // namespace liminal::testing
