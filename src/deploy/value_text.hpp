// A field's value for people.
#pragma once

#include <string>

#include "liminal/base/json.hpp"

namespace liminal::deploy {

// On one line, its start alone where it is long: that tells which it is, and a file has hundreds of lines.
[[nodiscard]] std::string value_text(const Json& value);

}  // namespace liminal::deploy
