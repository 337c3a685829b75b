// Findings and results for people: source excerpt, caret under the exact token, what to write instead.
#pragma once

#include <memory>
#include <span>

#include "liminal/base/progress.hpp"
#include "liminal/base/result.hpp"
#include "liminal/report/run_report.hpp"
#include "liminal/report/terminal.hpp"

namespace liminal::report {

void print_finding(Terminal& terminal, const Diagnostic& finding);
void print_findings(Terminal& terminal, std::span<const Diagnostic> findings);
// "3 errors, 1 warning in 2 of 14 files" and the like; also says that nothing is wrong, and how much was checked.
void print_summary(Terminal& terminal, const RunReport& run);
void print_error(Terminal& terminal, const Error& error);
void print_stage(Terminal& terminal, const Stage& stage);

// Progress on a terminal: a line an item, redrawn; plain lines where it is none.
[[nodiscard]] std::unique_ptr<Progress> make_terminal_progress(Terminal& terminal, bool quiet);

}  // namespace liminal::report
