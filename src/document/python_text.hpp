// Scalars as Python shows the values that PyYAML makes of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "liminal/base/json.hpp"
#include "liminal/document/document.hpp"

namespace liminal::document {

// str() of the value: True, 0.25, 1e+16, 2001-12-14 21:59:43.100000. Empty for null. A scalar that is no value of its
// type (the date 2020-02-30) is given as written.
[[nodiscard]] std::string python_text(ScalarType type, std::string_view scalar);

// Numbers and booleans as such, dates and times as ISO 8601 strings; what JSON cannot hold (nan, inf, an integer of
// more than 64 bits) as its text.
[[nodiscard]] Json python_json(ScalarType type, std::string_view scalar);

// An integer of any size.
[[nodiscard]] std::optional<double> integer_as_double(std::string_view scalar);

}  // namespace liminal::document
