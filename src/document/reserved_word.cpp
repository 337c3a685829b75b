#include "liminal/document/reserved_word.hpp"

#include <algorithm>
#include <array>

#include "liminal/base/letter_case.hpp"

namespace liminal::document {

bool is_reserved_word(std::string_view text) {
  constexpr auto words =
      std::to_array<std::string_view>({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<", "="});
  return std::find(words.begin(), words.end(), to_lower(text)) != words.end();
}

}  // namespace liminal::document
