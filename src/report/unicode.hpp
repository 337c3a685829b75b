// UTF-8 as it comes: decoded code point by code point, with what each one does on a screen.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace liminal::report {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool valid = false;  // else one byte that is no UTF-8
};

// The code point that `text`, which is not empty, begins with.
[[nodiscard]] CodePoint first_code_point(std::string_view text);
void append_utf8(std::string& out, char32_t code);

// Controls, bidirectional marks, zero-width characters and the like: what a reader cannot see.
[[nodiscard]] bool is_unseen(char32_t code);
// Joins the character before it.
[[nodiscard]] bool is_combining(char32_t code);
// White space by Unicode, as .NET's TrimStart has it.
[[nodiscard]] bool is_white_space(char32_t code);
// Columns on a terminal: 0, 1 or 2.
[[nodiscard]] std::size_t width_of(char32_t code);

// \x1b, \u{202e}
[[nodiscard]] std::string escape_of(const CodePoint& code, unsigned char first_byte);

}  // namespace liminal::report
