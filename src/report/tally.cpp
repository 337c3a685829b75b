#include "tally.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

#include <fmt/format.h>

namespace liminal::report {

Tally tally(std::span<const Diagnostic> findings) {
  Tally result;
  std::set<std::string_view> files;
  for (const Diagnostic& finding : findings) {
    if (finding.severity == Severity::error) ++result.errors;
    if (finding.severity == Severity::warning) ++result.warnings;
    if (finding.severity == Severity::note) ++result.notes;
    result.cut_off = result.cut_off || finding.rule == "too-many-findings";
    if (!finding.location.file.empty()) files.insert(finding.location.file);
  }
  result.files = files.size();
  return result;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string tally_text(const Tally& tally) {
  std::vector<std::string> parts;
  const auto add = [&](std::size_t count, std::string_view noun) {
    if (count > 0) parts.push_back(counted(count, noun));
  };
  add(tally.errors, "error");
  add(tally.warnings, "warning");
  add(tally.notes, "note");
  return fmt::format("{}{}", tally.cut_off ? "at least " : "", fmt::join(parts, ", "));
}

std::string summary_text(const RunReport& run) {
  const Tally found = tally(run.findings);
  // Files may be found wrong that were not counted, such as one that could not be read.
  const std::size_t files = std::max(run.files_checked, found.files);
  const std::string rules = run.rules_applied > 0 ? fmt::format(" ({})", counted(run.rules_applied, "rule")) : "";
  if (found.total() == 0) {
    if (run.files_checked == 0) return "no file was checked";
    return fmt::format("nothing wrong in {}{}", counted(run.files_checked, "file"), rules);
  }
  if (found.files == 0) return tally_text(found) + rules;
  return fmt::format("{} in {} of {}{}", tally_text(found), found.files, counted(files, "file"), rules);
}

std::vector<std::size_t> worst_first(std::span<const Diagnostic> findings) {
  std::vector<std::size_t> order(findings.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return findings[a].severity > findings[b].severity; });
  return order;
}

bool has_changed(const RunReport& run) {
  const auto changes = [](const Stage& stage) {
    return stage.name == "build" || stage.name == "push" || stage.name == "deploy";
  };
  const auto done = [](const Case& one) { return one.outcome == Outcome::passed; };
  return std::any_of(run.stages.begin(), run.stages.end(), [&](const Stage& stage) {
    return changes(stage) && std::any_of(stage.cases.begin(), stage.cases.end(), done);
  });
}

std::string_view to_string(Outcome outcome) {
  constexpr std::array<std::string_view, 4> names{"passed", "unchanged", "failed", "skipped"};
  return names.at(static_cast<std::size_t>(outcome));
}

std::string duration_text(std::chrono::milliseconds took) {
  const auto ms = std::max<std::chrono::milliseconds::rep>(took.count(), 0);
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 60'000) return fmt::format("{}.{} s", ms / 1000, ms % 1000 / 100);
  return fmt::format("{} min {} s", ms / 60'000, ms % 60'000 / 1000);
}

}  // namespace liminal::report
