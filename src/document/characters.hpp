// Classes of bytes that YAML's grammar speaks of.
#pragma once

#include <cstddef>
#include <string_view>

namespace liminal::document {

[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
[[nodiscard]] constexpr bool is_break(char c) {
  return c == '\n' || c == '\r';
}
[[nodiscard]] constexpr bool is_blank_or_break(char c) {
  return is_blank(c) || is_break(c);
}

[[nodiscard]] constexpr bool is_flow_indicator(char c) {
  return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}

// Beyond the end of the text stands a 0, as in the grammar; a 0 within it is refused before anything is read.
[[nodiscard]] constexpr char at(std::string_view text, std::size_t i) {
  return i < text.size() ? text[i] : '\0';
}

// The byte after the line break at `i`: \r\n is one.
[[nodiscard]] constexpr std::size_t after_break(std::string_view text, std::size_t i) {
  return text[i] == '\r' && at(text, i + 1) == '\n' ? i + 2 : i + 1;
}

[[nodiscard]] constexpr std::size_t skip_blanks(std::string_view text, std::size_t i) {
  while (i < text.size() && is_blank(text[i])) ++i;
  return i;
}

// The line break that ends the line `i` stands in, or the end of the text.
[[nodiscard]] constexpr std::size_t line_end(std::string_view text, std::size_t i) {
  while (i < text.size() && !is_break(text[i])) ++i;
  return i;
}

[[nodiscard]] constexpr std::size_t line_begin(std::string_view text, std::size_t i) {
  while (i > 0 && !is_break(text[i - 1])) --i;
  return i;
}

// Past blanks, line breaks and comments.
[[nodiscard]] constexpr std::size_t skip_to_content(std::string_view text, std::size_t i) {
  while (i < text.size()) {
    if (is_blank_or_break(text[i])) {
      ++i;
    } else if (text[i] == '#' && (i == 0 || is_blank_or_break(text[i - 1]))) {
      i = line_end(text, i);
    } else {
      break;
    }
  }
  return i;
}

// --- or ... alone at the beginning of a line
[[nodiscard]] constexpr bool is_document_marker(std::string_view text, std::size_t i) {
  if (i > 0 && !is_break(text[i - 1])) return false;
  const std::string_view three = text.substr(i, 3);
  return (three == "---" || three == "...") && (i + 3 >= text.size() || is_blank_or_break(text[i + 3]));
}

}  // namespace liminal::document
