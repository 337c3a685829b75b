#include "unicode.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "unicode_tables.hpp"

namespace liminal::report {

namespace {

template <std::size_t N>
bool within(const std::array<CodeRange, N>& table, char32_t code) {
  const auto after =
      std::upper_bound(table.begin(), table.end(), code, [](char32_t c, const CodeRange& r) { return c < r.first; });
  return after != table.begin() && code <= std::prev(after)->last;
}

unsigned char byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const unsigned char lead = byte_at(text, 0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t value = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned char next = byte_at(text, i);
    if ((next & 0xC0U) != 0x80U) return {};
    value = (value << 6U) | (next & 0x3FU);
  }
  // Overlong forms, surrogates and what is beyond Unicode are no UTF-8.
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, length, true};
}

void append_utf8(std::string& out, char32_t code) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

bool is_unseen(char32_t code) {
  if (code >= 0x20 && code < 0x7F) return false;
  return within(unseen_code_points, code);
}

bool is_combining(char32_t code) {
  return code >= 0x300 && within(combining_code_points, code);
}

bool is_white_space(char32_t code) {
  return (code >= 0x09 && code <= 0x0D) || code == 0x20 || code == 0x85 || code == 0xA0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F ||
         code == 0x3000;
}

std::size_t width_of(char32_t code) {
  if (code < 0x300) return 1;
  if (is_combining(code) || is_unseen(code)) return 0;
  return within(wide_code_points, code) ? 2 : 1;
}

std::string escape_of(const CodePoint& code, unsigned char first_byte) {
  if (!code.valid || code.value < 0x80) return fmt::format("\\x{:02x}", first_byte);
  return fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(code.value));
}

}  // namespace liminal::report
