// Looking up in tables that stand in the order of their names.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

namespace liminal::engine {

// Null where none has the name.
template <class Item>
[[nodiscard]] const Item* find_by_name(std::span<const Item> table, std::string_view name) {
  const auto found = std::lower_bound(table.begin(), table.end(), name,
                                      [](const Item& item, std::string_view wanted) { return item.name < wanted; });
  return found != table.end() && found->name == name ? &*found : nullptr;
}

}  // namespace liminal::engine
