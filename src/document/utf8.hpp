// UTF-8 (RFC 3629).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace liminal::document {

// Empty for a surrogate or a number beyond Unicode.
[[nodiscard]] std::string encode_utf8(std::uint32_t code_point);

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 0;  // bytes; 0: not UTF-8
};
[[nodiscard]] CodePoint decode_utf8(std::string_view text, std::size_t at);

[[nodiscard]] std::size_t count_code_points(std::string_view text);

[[nodiscard]] constexpr std::optional<std::uint32_t> hexadecimal_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace liminal::document
