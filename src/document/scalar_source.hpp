// Where the text of a scalar stands in the source: its end, and the source byte of each decoded byte, through quotes,
// escapes, folds and indentation.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "liminal/document/document.hpp"

namespace liminal::document {

// The style of the scalar that begins at `begin`, by its first character.
[[nodiscard]] Style style_at(std::string_view source, std::uint32_t begin);

// One past the last byte of a scalar with this decoded text. Empty when its closing quote is missing.
[[nodiscard]] std::optional<std::uint32_t> end_of_scalar(std::string_view source, std::uint32_t begin, Style style,
                                                         std::string_view decoded);

// decoded.size() + 1 offsets into the source: of each decoded byte, and of the place behind the last one.
[[nodiscard]] std::vector<std::uint32_t> source_offsets(std::string_view source, std::uint32_t begin, std::uint32_t end,
                                                        Style style, std::string_view decoded);

}  // namespace liminal::document
