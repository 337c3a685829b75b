// What a plain scalar must not be where it is to stay text for every reader of YAML 1.1 and 1.2.
#pragma once

#include <string_view>

namespace liminal::document {

// A word that some version of YAML reads as a boolean or null, or as a key of a meaning of its own, in any case.
[[nodiscard]] bool is_reserved_word(std::string_view text);

}  // namespace liminal::document
