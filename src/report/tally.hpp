// Counting and ordering findings, for every report alike.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/report/counted.hpp"
#include "liminal/report/run_report.hpp"

namespace liminal::report {

struct Tally {
  std::size_t errors = 0;
  std::size_t warnings = 0;
  std::size_t notes = 0;
  std::size_t files = 0;  // that have a finding
  bool cut_off = false;   // a file has more than are told

  [[nodiscard]] std::size_t total() const { return errors + warnings + notes; }
};

[[nodiscard]] Tally tally(std::span<const Diagnostic> findings);
// "3 errors, 1 warning"; empty when there is none.
[[nodiscard]] std::string tally_text(const Tally& tally);
// "3 errors, 1 warning in 2 of 14 files", "nothing wrong in 14 files (23 rules)".
[[nodiscard]] std::string summary_text(const RunReport& run);

// Indices of the findings, worst first; of equals, the order they have.
[[nodiscard]] std::vector<std::size_t> worst_first(std::span<const Diagnostic> findings);

// Whether a stage that changes something outside the repository, or its images, did so.
[[nodiscard]] bool has_changed(const RunReport& run);

[[nodiscard]] std::string_view to_string(Outcome outcome);
// 85 ms, 1.2 s, 3 min 5 s
[[nodiscard]] std::string duration_text(std::chrono::milliseconds took);

}  // namespace liminal::report
