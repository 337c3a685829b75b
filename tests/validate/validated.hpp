// Validates a folder of files, for tests of what is told and where.
#pragma once

#include <string>
#include <vector>

#include "liminal/validate/validate.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::testing {

// The findings of the files below `path` of the folder, or of that one file: each as "RULE FILE:LINE:COLUMN MESSAGE;
// HELP", a warning with "warning " before it.
inline std::vector<std::string> findings_in(const TemporaryFolder& folder, const validate::Options& options = {},
                                            const std::string& path = ".") {
  TestWorld test;
  const World world = test.world();
  const auto files = config::discover(world, folder.path(), {folder.path() / path});
  const auto validation = validate::validate(world, files.value(), options);
  std::vector<std::string> lines;
  for (const Diagnostic& one : validation.value().findings) {
    const Position& begin = one.location.range.begin;
    lines.push_back((one.severity == Severity::error ? "" : std::string(to_string(one.severity)) + " ") + one.rule +
                    " " + one.location.file + ":" + std::to_string(begin.line) + ":" + std::to_string(begin.column) +
                    " " + one.message + "; " + one.help);
  }
  return lines;
}

// The findings of a file with one task, whose keys below `task` are given: those lines begin with 8 blanks, the first
// one is line 8.
inline std::vector<std::string> findings_of_task(const std::string& keys, const std::string& types = "") {
  const TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n    timeout_minutes: 30\n"
               "    tasks:\n      - task: a\n        " +
                   keys + "\n");
  if (!types.empty()) folder.write("liminal.types.yml", types);
  return findings_in(folder);
}

// The same of a task of type python, whose keys begin at line 11.
inline std::vector<std::string> findings_of_python_task(const std::string& keys) {
  return findings_of_task("type: python\n        image: busybox:1\n        cmd: echo\n        " + keys);
}

}  // namespace liminal::testing
