// "Did you mean": the nearest of some known words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace liminal {

// Damerau-Levenshtein distance (optimal string alignment), in bytes.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to `word`, if one is near enough to be a likely slip: a third of its length, at least one edit,
// or one is the other's beginning at a `_`, `-` or `.` (env, env_vars). Of equals, the first.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace liminal
