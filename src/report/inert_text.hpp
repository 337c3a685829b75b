// Untrusted text as a terminal or a CI system's log may show it: nothing in it works any more, everything can be seen.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace liminal::report {

// One character as it is shown.
struct Cell {
  std::string text;
  std::size_t width = 1;  // columns
};

// Encodes text that comes in pieces, so that no command can be put together from two harmless ones. GitHub's runner
// takes `::name::` at the start of a line, after any white space, and `##[name]` anywhere in it; Azure Pipelines takes
// `##vso[name]`.
class InertText {
 public:
  [[nodiscard]] std::string encode(std::string_view piece);
  // The same of a part of one line: a line end is shown as \n.
  [[nodiscard]] std::string encode_within_line(std::string_view piece);
  // The next character of `rest`, which is cut by it. A line end is a cell of width 0.
  [[nodiscard]] Cell next(std::string_view& rest);

  // Nothing stands on the current line yet.
  [[nodiscard]] bool at_line_begin() const { return column_ == 0; }
  // The text goes on in the middle of a line.
  void assume_within_line() { only_white_space_ = false; }

 private:
  [[nodiscard]] bool must_break_command(char32_t code, std::string_view after) const;

  std::size_t column_ = 0;
  bool only_white_space_ = true;
  bool after_hash_ = false;
  bool after_symbol_ = false;  // an emoji or the like, which a variation selector may follow
};

// Whether a colon before this byte may begin `::name::`, for text whose format has another way to write a colon. A
// comparison passes over some characters between two colons, none of which is ASCII.
[[nodiscard]] constexpr bool colon_may_begin_command(char next) {
  return next == ':' || (static_cast<unsigned char>(next) & 0x80U) != 0;
}

// A line's characters, tabs expanded to stops of four columns.
[[nodiscard]] std::vector<Cell> cells_of_line(std::string_view line);

// `printable` for text that goes into a file rather than a log: escapes what cannot be seen, keeps line ends and tabs.
[[nodiscard]] std::string visible(std::string_view text);
// The same on one line: line ends and tabs become spaces.
[[nodiscard]] std::string visible_line(std::string_view text);
// At most `limit` bytes of UTF-8 text, cut between characters and then ending in an ellipsis.
[[nodiscard]] std::string shortened(std::string text, std::size_t limit);

}  // namespace liminal::report
