// Reports for CI systems and programs. Each is text made whole from a run; the caller writes it in one step.
#pragma once

#include <optional>
#include <string>
#include <string_view>

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
};

[[nodiscard]] std::optional<Kind> kind_from(std::string_view name);
[[nodiscard]] std::string write(Kind kind, const RunReport& run, const Context& context);

}  // namespace liminal::report
