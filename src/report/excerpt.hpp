// A place of a source file as people see it: numbered lines, the exact token underlined.
#pragma once

#include <string_view>
#include <vector>

#include "liminal/diagnostic/diagnostic.hpp"
#include "liminal/report/terminal.hpp"

namespace liminal::report {

struct ExcerptOptions {
  Style style = Style::error;  // of the underline
  std::size_t width = 100;     // columns; longer lines are cut around the token
  std::size_t gutter = 1;      // digits of the largest line number that is shown
};

// Empty when the source has no such line.
[[nodiscard]] std::vector<Line> excerpt(std::string_view source, const Range& range, const ExcerptOptions& options);

// The lines of `range` as they are and as they would be with `replacement` in its place.
[[nodiscard]] std::vector<Line> change(std::string_view source, const Range& range, std::string_view replacement,
                                       const ExcerptOptions& options);

[[nodiscard]] std::size_t digits(std::uint32_t line);

}  // namespace liminal::report
