// A place in a file of the user's.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace liminal {

// 1-based line and column; a column counts Unicode code points. Zero: unknown.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  auto operator<=>(const Position&) const = default;
};

// From `begin` up to, not including, `end`.
struct Range {
  Position begin;
  Position end;
  auto operator<=>(const Range&) const = default;
};

struct Location {
  std::string file;  // as it is shown: relative to the folder the command was started in where it is below it, with /
  Range range;       // all zero: the file as a whole
};

}  // namespace liminal
