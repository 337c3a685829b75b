// What is done with an object, as JSON and saved plans name it.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "liminal/deploy/cluster.hpp"

namespace liminal::deploy {

inline constexpr std::array<std::string_view, 6> action_names{"create", "update", "replace",
                                                              "delete", "keep",   "unchanged"};
static_assert(action_names.size() == static_cast<std::size_t>(Action::unchanged) + 1);

[[nodiscard]] constexpr std::string_view name_of(Action action) {
  return action_names.at(static_cast<std::size_t>(action));
}

// Empty: it is none.
[[nodiscard]] constexpr std::optional<Action> action_from(std::string_view name) {
  const auto* const found = std::find(action_names.begin(), action_names.end(), name);
  if (found == action_names.end()) return std::nullopt;
  return static_cast<Action>(found - action_names.begin());
}

}  // namespace liminal::deploy
