// Paths by patterns, as in a .gitignore or .dockerignore.
#pragma once

#include <string_view>

namespace liminal {

// Matches a whole path against a pattern: * and ? are within a name, ** goes over any number of them, [set] is one
// character, \x is x itself. The work is bounded by the product of both lengths.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view path);

}  // namespace liminal
