// What the program ends with (docs/exit-status.md).
#pragma once

#include "liminal/base/cancellation.hpp"
#include "liminal/report/run_report.hpp"

namespace liminal::ci {

[[nodiscard]] int exit_status(ErrorKind kind);
// Of a whole run: interruption, then failures of the world, then findings at or above the threshold.
[[nodiscard]] int exit_status(const report::RunReport& report, Severity fail_on, const Cancellation& cancellation);

}  // namespace liminal::ci
