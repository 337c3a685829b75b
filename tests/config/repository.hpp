// A repository of files for a test, resolved.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "liminal/config/config.hpp"
#include "liminal/config/resolved.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::config {

class Repository {
 public:
  // One file, liminal.yml.
  explicit Repository(const std::string& text, std::map<std::string, std::string> environment = {})
      : Repository(std::map<std::string, std::string>{{"liminal.yml", text}}, std::move(environment)) {}

  explicit Repository(const std::map<std::string, std::string>& files,
                      std::map<std::string, std::string> environment = {})
      : world_(std::move(environment)) {
    for (const auto& [path, text] : files) folder_.write(path, text);
  }

  const std::vector<model::System>& resolve(std::map<std::string, std::string> set = {}, unsigned jobs = 1) {
    findings = {};
    const World world = world_.world(jobs);
    const auto files = discover(world, folder_.path(), {folder_.path()});
    if (files) {
      project = load(world, *files, findings);
      systems = config::resolve(world, project, {std::move(set)}, findings);
    }
    return systems;
  }

  // rule file:line:column, in the order reported.
  [[nodiscard]] std::vector<std::string> found() const {
    std::vector<std::string> lines;
    for (const Diagnostic& item : findings.items) {
      lines.push_back(item.rule + " " + item.location.file + ":" + std::to_string(item.location.range.begin.line) +
                      ":" + std::to_string(item.location.range.begin.column));
    }
    return lines;
  }

  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

  DiagnosticList findings;
  Project project;
  std::vector<model::System> systems;

 private:
  testing::TemporaryFolder folder_;
  testing::TestWorld world_;
};

// What `liminal resolve` prints of one system, read again.
[[nodiscard]] inline Json read_back(const model::System& system) {
  DiagnosticList findings;
  const auto document = document::parse("printed", resolved_text({system}), findings);
  for (const Diagnostic& finding : findings.items) ADD_FAILURE() << finding.message;
  return document->root() == nullptr ? Json() : document::Value::of(*document->root()).json();
}

}  // namespace liminal::config
