#include "scalar_source.hpp"

#include <algorithm>

namespace liminal::document {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_break(char c) {
  return c == '\n' || c == '\r';
}
bool is_white(char c) {
  return is_blank(c) || is_break(c);
}

// Bytes of UTF-8 that a code point takes.
std::size_t utf8_length(std::uint32_t code_point) {
  if (code_point < 0x80) return 1;
  if (code_point < 0x800) return 2;
  return code_point < 0x10000 ? 3 : 4;
}

struct Escape {
  std::size_t source_length = 2;
  std::size_t decoded_length = 1;
};

// The escape that begins with the backslash at `at`.
Escape escape_at(std::string_view source, std::size_t at) {
  if (at + 1 >= source.size()) return {1, 0};
  std::size_t digits = 0;
  switch (source[at + 1]) {
    case 'x':
      digits = 2;
      break;
    case 'u':
      digits = 4;
      break;
    case 'U':
      digits = 8;
      break;
    case 'N':
      return {2, 2};  // next line, U+0085
    case '_':
      return {2, 2};  // no-break space, U+00A0
    case 'L':
    case 'P':
      return {2, 3};  // line and paragraph separator
    case '\n':
    case '\r':
      return {2, 0};
    default:
      return {2, 1};
  }
  std::uint32_t code_point = 0;
  for (std::size_t i = 0; i < digits && at + 2 + i < source.size(); ++i) {
    const char c = source[at + 2 + i];
    const int value = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    code_point = code_point * 16 + static_cast<std::uint32_t>(value & 15);
  }
  return {2 + digits, utf8_length(code_point)};
}

std::size_t end_of_line(std::string_view source, std::size_t at) {
  return std::min(source.find('\n', at), source.size());
}

// A block scalar reaches to the first line that is indented less than its first line with text.
std::uint32_t end_of_block(std::string_view source, std::size_t begin) {
  std::size_t at = end_of_line(source, begin);
  std::size_t end = at;
  std::size_t indentation = 0;
  bool known = false;
  while (at < source.size()) {
    const std::size_t line = at + 1;
    const std::size_t line_end = end_of_line(source, line);
    const std::size_t text = std::min(source.find_first_not_of(' ', line), line_end);
    const bool empty = text >= line_end || source[text] == '\r';
    if (!empty) {
      if (!known) indentation = text - line;
      known = true;
      if (text - line < indentation || indentation == 0) break;
      end = line_end;
    }
    at = line_end;
  }
  return static_cast<std::uint32_t>(end);
}

std::optional<std::uint32_t> end_of_quoted(std::string_view source, std::size_t begin, char quote) {
  for (std::size_t at = begin + 1; at < source.size(); ++at) {
    if (quote == '"' && source[at] == '\\') {
      ++at;
    } else if (source[at] == quote) {
      if (quote == '\'' && at + 1 < source.size() && source[at + 1] == quote) {
        ++at;
      } else {
        return static_cast<std::uint32_t>(at + 1);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Style style_at(std::string_view source, std::uint32_t begin) {
  if (begin >= source.size()) return Style::plain;
  switch (source[begin]) {
    case '"':
      return Style::double_quoted;
    case '\'':
      return Style::single_quoted;
    case '|':
      return Style::literal;
    case '>':
      return Style::folded;
    default:
      return Style::plain;
  }
}

std::vector<std::uint32_t> source_offsets(std::string_view source, std::uint32_t begin, std::uint32_t end, Style style,
                                          std::string_view decoded) {
  std::size_t at = begin;
  if (style == Style::single_quoted || style == Style::double_quoted) ++at;
  if (style == Style::literal || style == Style::folded)
    at = std::min<std::size_t>(end_of_line(source, begin) + 1, end);
  std::vector<std::uint32_t> offsets;
  offsets.reserve(decoded.size() + 1);
  const auto limit = std::min<std::size_t>(end, source.size());
  while (offsets.size() < decoded.size()) {
    const char wanted = decoded[offsets.size()];
    if (style == Style::double_quoted && at < limit && source[at] == '\\') {
      const Escape escape = escape_at(source, at);
      for (std::size_t i = 0; i < escape.decoded_length; ++i) offsets.push_back(static_cast<std::uint32_t>(at));
      at += escape.source_length;
      continue;
    }
    if (is_white(wanted)) {
      // A fold turns a line end into a blank, and a line end's indentation into nothing: the blank is where the line
      // ends.
      offsets.push_back(static_cast<std::uint32_t>(at));
      if (at < limit && (source[at] == wanted || (wanted == '\n' && source[at] == '\r'))) ++at;
      continue;
    }
    while (at < limit && source[at] != wanted && is_white(source[at])) ++at;
    if (style == Style::double_quoted && at < limit && source[at] == '\\') continue;
    offsets.push_back(static_cast<std::uint32_t>(std::min(at, limit)));
    at += style == Style::single_quoted && wanted == '\'' ? 2 : 1;
  }
  offsets.resize(decoded.size());
  offsets.push_back(static_cast<std::uint32_t>(std::min(at, limit)));
  return offsets;
}

std::optional<std::uint32_t> end_of_scalar(std::string_view source, std::uint32_t begin, Style style,
                                           std::string_view decoded) {
  switch (style) {
    case Style::double_quoted:
      return end_of_quoted(source, begin, '"');
    case Style::single_quoted:
      return end_of_quoted(source, begin, '\'');
    case Style::literal:
    case Style::folded:
      return end_of_block(source, begin);
    default:
      break;
  }
  // Nearly every plain scalar stands on one line as it is.
  if (source.substr(begin).starts_with(decoded)) return begin + static_cast<std::uint32_t>(decoded.size());
  return source_offsets(source, begin, static_cast<std::uint32_t>(source.size()), style, decoded).back();
}

}  // namespace liminal::document
