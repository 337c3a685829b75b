// The validate stage: YAML, schema, semantic rules and what the engine takes, over all files at once. Touches nothing
// outside the repository.
#pragma once

#include <optional>

#include "liminal/config/config.hpp"
#include "liminal/engine/engine.hpp"
#include "liminal/report/run_report.hpp"
#include "liminal/rules/rule.hpp"

namespace liminal::validate {

struct Options {
  config::Options config;
  bool check_files = true;  // --no-check-files
  // What it cannot express is told too, of files that have no other errors. None: the command renders, and tells.
  std::optional<engine::Target> target;
};

struct Validation {
  config::Project project;
  std::vector<model::System> systems;
  std::vector<Diagnostic> findings;  // sorted, without repetition
  report::Stage stage;               // one case a file
  std::size_t rules_applied = 0;
};

// Errors (interrupted): cancelled; what was found until then is no verdict.
[[nodiscard]] Result<Validation> validate(const World& world, const std::vector<config::SourceFile>& files,
                                          const Options& options);

[[nodiscard]] bool has_errors(const std::vector<Diagnostic>& findings);

}  // namespace liminal::validate
