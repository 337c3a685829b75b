// Versions and their conditions, as PEP 440 has them.
#pragma once

#include <string_view>

namespace liminal::pip {

// `==1.0`, `>=1,<2`, `~=1.4.2`, all of it in parentheses or not.
[[nodiscard]] bool is_version_list(std::string_view text);

}  // namespace liminal::pip
