// A finding and a failure as lines for people, for the terminal and for the reports that carry plain text.
#pragma once

#include <string>
#include <vector>

#include "liminal/base/result.hpp"
#include "liminal/diagnostic/diagnostic.hpp"
#include "liminal/report/terminal.hpp"

namespace liminal::report {

[[nodiscard]] Style style_of(Severity severity);
// liminal.yml:12:9; without what is not known.
[[nodiscard]] std::string place_text(const Location& location);

// The first line is `file:line:column: severity: message [rule]`.
[[nodiscard]] std::vector<Line> finding_lines(const Diagnostic& finding, std::size_t width);
[[nodiscard]] std::vector<Line> error_lines(const Error& error, std::size_t width);

// Lines without style, each ended; not yet encoded for any channel.
[[nodiscard]] std::string plain_text(const std::vector<Line>& lines);

}  // namespace liminal::report
