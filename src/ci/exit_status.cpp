#include "liminal/ci/exit_status.hpp"

#include <algorithm>

namespace liminal::ci {

int exit_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return 2;
    case ErrorKind::unavailable:
      return 3;
    case ErrorKind::failed:
      return 4;
    case ErrorKind::interrupted:
      return 130;
  }
  return 4;
}

int exit_status(const report::RunReport& report, Severity fail_on, const Cancellation& cancellation) {
  if (cancellation.requested()) return 128 + cancellation.signal();
  if (!report.errors.empty()) return exit_status(report.errors.front().kind);
  const bool found = std::any_of(report.findings.begin(), report.findings.end(),
                                 [&](const Diagnostic& finding) { return finding.severity >= fail_on; });
  if (found) return 1;
  const bool failed = std::any_of(report.stages.begin(), report.stages.end(),
                                  [](const auto& stage) { return stage.outcome == report::Outcome::failed; });
  return failed ? 4 : 0;
}

}  // namespace liminal::ci
