// Reading a scalar whose type is already known, by an explicit tag for example: wider than the plain grammars.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace liminal::document {

[[nodiscard]] std::optional<bool> read_boolean(std::string_view text);
// Empty where it does not fit 64 bits.
[[nodiscard]] std::optional<std::int64_t> read_integer(std::string_view text);
[[nodiscard]] std::optional<double> read_float(std::string_view text);

}  // namespace liminal::document
