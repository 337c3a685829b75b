// GitLab's code quality report. Its reader stops at the first entry that it does not like and drops all after it, so
// every member is always there and never empty.
#include <algorithm>
#include <array>

#include "inert_text.hpp"
#include "repository_path.hpp"
#include "writers.hpp"

namespace liminal::report {

namespace {

std::string_view severity_of(Severity severity) {
  constexpr std::array<std::string_view, 3> names{"info", "minor", "major"};
  return names.at(static_cast<std::size_t>(severity));
}

std::string text_of(const Diagnostic& finding) {
  std::string text = visible_line(finding.message);
  if (!finding.help.empty()) text += ": " + visible_line(finding.help);
  return text.empty() ? visible_line(finding.rule) : text;
}

}  // namespace

std::string to_gitlab(const RunReport& run, const Context& context) {
  const std::vector<std::string> fingerprints = liminal::fingerprints(run.findings);
  Json entries = Json::array();
  for (std::size_t i = 0; i < run.findings.size(); ++i) {
    const Diagnostic& finding = run.findings[i];
    entries.push_back({{"description", text_of(finding)},
                       {"check_name", finding.rule.empty() ? "liminal" : visible_line(finding.rule)},
                       {"fingerprint", fingerprints[i]},
                       {"severity", severity_of(finding.severity)},
                       {"location",
                        {{"path", visible_line(repository_path(finding.location.file, run, context))},
                         {"lines", {{"begin", std::max<std::uint32_t>(finding.location.range.begin.line, 1)}}}}}});
  }
  return json_document(entries);
}

}  // namespace liminal::report
