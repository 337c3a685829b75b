// A field's value for people.
#pragma once

#include <string>

#include "liminal/base/json.hpp"

namespace liminal::deploy {

// On one line, its start alone where it is long: that tells which it is, and a file has hundreds of lines.
[[nodiscard]] std::string value_text(const Json& value);
// What a value was and what it becomes, each from shortly before the place where they differ.
[[nodiscard]] std::string change_text(const Json& before, const Json& after);

}  // namespace liminal::deploy
