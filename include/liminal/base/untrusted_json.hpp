// JSON from a server. Copying a value and writing it recurse, so that what nests too deep would overflow the stack.
#pragma once

#include <optional>
#include <string_view>

#include "liminal/base/json.hpp"

namespace liminal {

// Whether it nests no deeper than what is meant to be read; says nothing of whether it is JSON.
[[nodiscard]] bool is_nested_sanely(std::string_view json);

// Empty: no JSON, or nested too deep.
[[nodiscard]] std::optional<Json> parse_json(std::string_view text);

}  // namespace liminal
