// JSON as YAML text that readers of YAML 1.1 and 1.2 understand alike. The same value gives the same bytes.
#pragma once

#include <string>
#include <string_view>

#include "liminal/base/json.hpp"

namespace liminal::engine {

// Block style, two spaces, members in their order; ends in a line end.
[[nodiscard]] std::string to_yaml(const Json& value);

// A string as a scalar: plain where no reader could take it for something else, else in double quotes.
[[nodiscard]] std::string yaml_scalar(std::string_view text);

}  // namespace liminal::engine
