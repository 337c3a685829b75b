// Reports for CI systems and programs. Each is text made whole from a run; the caller writes it in one step. What each
// kind holds, and for which readers: docs/reports.md.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/file_system.hpp"
#include "liminal/report/run_report.hpp"

namespace liminal::report {

enum class Kind { junit, sarif, json, markdown, github, gitlab };

// What a rule id means, for reports that describe rules (SARIF). Given by the caller, since rules are a higher layer.
struct RuleDescription {
  std::string id;
  std::string summary;
  std::string help_markdown;
  Severity severity = Severity::error;
};

struct Context {
  std::string tool_version;
  std::vector<RuleDescription> rules;  // every rule
  std::string root;                    // absolute folder that paths in findings are relative to
  // CI systems know files by their path from the repository's root: the folder `root` is in there, with / at its end,
  // or empty where they are the same.
  std::string repository_prefix;
  // Files reached through a link, which GitHub cannot show: name as shown, path from the repository's root.
  std::map<std::string, std::string> real_files;
};

// Fills in `repository_prefix` (the repository is the nearest folder above that holds .git) and `real_files`.
[[nodiscard]] Context make_context(std::string tool_version, std::vector<RuleDescription> rules,
                                   const std::filesystem::path& root, const RunReport& run, const FileSystem& files);

[[nodiscard]] std::optional<Kind> kind_from(std::string_view name);
[[nodiscard]] std::string write(Kind kind, const RunReport& run, const Context& context);

// JSON as text that may also go to a terminal or a CI log: the same data, but what could work there (control and
// bidirectional characters, workflow commands) is written as \u escapes. Invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string json_document(const Json& json);

}  // namespace liminal::report
