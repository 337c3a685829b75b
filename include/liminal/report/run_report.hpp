// What a command did, as data: findings, stages and their cases. Every report format is a rendering of it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "liminal/base/clock.hpp"
#include "liminal/base/json.hpp"
#include "liminal/base/result.hpp"
#include "liminal/diagnostic/diagnostic.hpp"

namespace liminal::report {

enum class Outcome { passed, unchanged, failed, skipped };

// One thing a stage did or checked: a file, a pipeline, an image, an object, a task.
struct Case {
  std::string group;  // the system or folder it belongs to
  std::string name;   // unique within stage and group, and the same in every run
  Outcome outcome = Outcome::passed;
  std::string summary;  // one line: why it failed or was skipped, or what was done
  std::string output;   // the last lines of what it printed
  std::string file;     // the YAML file it comes from
  Position position;
  std::chrono::milliseconds took{0};
};

struct Stage {
  std::string name;  // validate, plan, build, push, run, deploy
  Outcome outcome = Outcome::passed;
  std::string summary;
  std::chrono::milliseconds took{0};
  std::vector<Case> cases;
};

struct RunReport {
  std::string command;  // validate, ci, ...
  Clock::WallTime started;
  std::chrono::milliseconds took{0};
  std::vector<Diagnostic> findings;  // sorted
  std::vector<Stage> stages;
  std::vector<Error> errors;   // failures of the world
  Json data = Json::object();  // the command's own members of its JSON output
  std::size_t files_checked = 0;
  std::size_t rules_applied = 0;
};

}  // namespace liminal::report
