// Python source, laid out as the formatter `black` leaves it: one argument a line, trailing commas, double quotes.
// Expressions are text whose further lines are already indented relative to the first.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "liminal/base/json.hpp"

namespace liminal::engine::python {

using Arguments = std::vector<std::pair<std::string, std::string>>;  // name (empty: positional) and expression

// A string literal: ASCII, so that nothing in a review looks like something else.
[[nodiscard]] std::string literal(std::string_view text);
[[nodiscard]] std::string json_literal(const Json& value);
[[nodiscard]] std::string call(std::string_view function, const Arguments& arguments);
[[nodiscard]] std::string list(const std::vector<std::string>& items);
[[nodiscard]] std::string dictionary(const Arguments& members);  // names are expressions too
[[nodiscard]] std::string indented(std::string_view text);       // by four spaces, every line

}  // namespace liminal::engine::python
