// Text that others print, without the secrets that are known to be in it.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace liminal::build {

// With **** in place of each.
[[nodiscard]] std::string without(const std::set<std::string>& secrets, std::string_view line);

}  // namespace liminal::build
