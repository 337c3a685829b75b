#include "inert_text.hpp"

#include "liminal/report/terminal.hpp"

#include "unicode.hpp"

namespace liminal::report {

namespace {

constexpr std::size_t terminal_tab = 8;
constexpr std::size_t excerpt_tab = 4;
constexpr char32_t emoji_variation_selector = 0xFE0F;

// What follows, characters that .NET's comparison passes over left out; 0 at the end of the piece.
char32_t next_that_counts(std::string_view after) {
  while (!after.empty()) {
    const CodePoint code = first_code_point(after);
    if (!code.valid || !is_combining(code.value)) return code.valid ? code.value : 0xFFFD;
    after.remove_prefix(code.bytes);
  }
  return 0;
}

bool is_ascii_letter(char32_t code) {
  return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
}

}  // namespace

bool InertText::must_break_command(char32_t code, std::string_view after) const {
  const char32_t next = next_that_counts(after);
  // What a later piece brings is not known, so the end of a piece counts as the worst.
  if (code == ':' && only_white_space_) return next == ':' || next == 0;
  if (code == '#' && after_hash_) return next == '[' || next == 0 || is_ascii_letter(next);
  return false;
}

Cell InertText::next(std::string_view& rest) {
  const CodePoint code = first_code_point(rest);
  const auto lead = static_cast<unsigned char>(rest.front());
  const std::string_view bytes = rest.substr(0, code.bytes);
  rest.remove_prefix(code.bytes);

  Cell cell;
  if (code.valid && code.value == '\n') {
    *this = InertText{};
    return {"\n", 0};
  }
  bool blank = false;
  bool hash = false;
  if (code.valid && code.value == '\t') {
    cell.width = terminal_tab - column_ % terminal_tab;
    cell.text.assign(cell.width, ' ');
    blank = true;
  } else if (code.valid && code.value == emoji_variation_selector && after_symbol_) {
    cell = {std::string(bytes), 0};
  } else if (!code.valid || is_unseen(code.value) || must_break_command(code.value, rest)) {
    cell.text = escape_of(code, lead);
    cell.width = cell.text.size();
  } else {
    cell = {std::string(bytes), width_of(code.value)};
    blank = is_white_space(code.value);
    hash = code.value == '#';
  }
  // A combining character changes nothing: comparisons pass over it, so what stood before it still counts.
  if (cell.width > 0) {
    only_white_space_ = only_white_space_ && blank;
    after_hash_ = hash;
    after_symbol_ = code.valid && code.value >= 0x2000 && !blank;
  }
  column_ += cell.width;
  return cell;
}

std::string InertText::encode(std::string_view piece) {
  std::string out;
  out.reserve(piece.size());
  while (!piece.empty()) out += next(piece).text;
  return out;
}

std::string InertText::encode_within_line(std::string_view piece) {
  std::string out;
  while (true) {
    const std::size_t end = piece.find('\n');
    out += encode(piece.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += encode("\\n");
    piece.remove_prefix(end + 1);
  }
}

std::vector<Cell> cells_of_line(std::string_view line) {
  InertText text;
  text.assume_within_line();
  std::vector<Cell> cells;
  std::size_t column = 0;
  while (!line.empty()) {
    const bool tab = line.front() == '\t';
    Cell cell = text.next(line);
    if (tab) {
      cell.width = excerpt_tab - column % excerpt_tab;
      cell.text.assign(cell.width, ' ');
    }
    column += cell.width;
    cells.push_back(std::move(cell));
  }
  return cells;
}

std::string visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool after_symbol = false;
  while (!text.empty()) {
    const CodePoint code = first_code_point(text);
    const bool line_end = code.valid && (code.value == '\n' || code.value == '\t');
    const bool kept = line_end || (code.value == emoji_variation_selector && after_symbol);
    if (kept || (code.valid && !is_unseen(code.value))) {
      out += text.substr(0, code.bytes);
    } else if (!text.starts_with("\r\n")) {
      out += escape_of(code, static_cast<unsigned char>(text.front()));
    }
    after_symbol = code.valid && code.value >= 0x2000 && !is_white_space(code.value);
    text.remove_prefix(code.bytes);
  }
  return out;
}

std::string visible_line(std::string_view text) {
  std::string line = visible(text);
  for (char& c : line) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return line;
}

std::string shortened(std::string text, std::size_t limit) {
  static constexpr std::string_view ellipsis = "…";
  if (text.size() <= limit) return text;
  std::size_t length = limit - std::min(limit, ellipsis.size());
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  text.resize(length);
  text += ellipsis;
  return text;
}

std::string printable(std::string_view text) {
  return InertText{}.encode(text);
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  InertText encoder;
  while (!text.empty()) width += encoder.next(text).width;
  return width;
}

}  // namespace liminal::report
