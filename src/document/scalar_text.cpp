#include "scalar_text.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "characters.hpp"
#include "utf8.hpp"

namespace liminal::document {

void ScalarText::copy(std::string_view source, std::size_t from, std::size_t to) {
  if (from == to) return;
  if (runs_ == 0 || from != last_source_end_) ++runs_;
  last_source_end_ = to;
  add_piece(to - from, from, to, true);
  text_.append(source.substr(from, to - from));
}

void ScalarText::replace(std::string_view decoded, std::size_t from, std::size_t to) {
  replaced_ = true;
  add_piece(decoded.size(), from, to, false);
  text_.append(decoded);
}

void ScalarText::clear() {
  text_.clear();
  pieces_.clear();
  replaced_ = false;
  runs_ = 0;
}

void ScalarText::add_piece(std::size_t decoded_size, std::size_t from, std::size_t to, bool verbatim) {
  if (!with_pieces_) return;
  if (verbatim && !pieces_.empty() && pieces_.back().verbatim &&
      pieces_.back().source + pieces_.back().source_size == from) {
    pieces_.back().decoded_size += decoded_size;
    pieces_.back().source_size += to - from;
    return;
  }
  pieces_.push_back({text_.size(), decoded_size, from, to - from, verbatim});
}

namespace {

// Reads one quoted scalar.
class QuotedScanner {
 public:
  QuotedScanner(std::string_view source, std::size_t begin, ScalarText& out)
      : source_(source), begin_(begin), at_(begin + 1), quote_(source[begin]), out_(out) {}

  ScannedScalar scan() {
    while (!fault_) {
      const std::size_t run = at_;
      while (at_ < source_.size() && !is_special(source_[at_])) ++at_;
      out_.copy(source_, run, at_);
      if (at_ >= source_.size()) {
        fault_ = ScalarFault{ScalarFault::Kind::unterminated, begin_, begin_ + 1};
      } else if (is_blank_or_break(source_[at_])) {
        scan_blanks();
      } else if (source_[at_] == quote_) {
        if (quote_ == '"' || at(source_, at_ + 1) != '\'') return {at_ + 1, std::nullopt};
        out_.replace("'", at_, at_ + 2);
        at_ += 2;
      } else {
        scan_escape();
      }
    }
    return {at_, fault_};
  }

 private:
  bool is_special(char c) const { return c == quote_ || is_blank_or_break(c) || (quote_ == '"' && c == '\\'); }

  void scan_blanks() {
    const std::size_t run = at_;
    at_ = skip_blanks(source_, at_);
    if (at_ >= source_.size() || !is_break(source_[at_])) {
      out_.copy(source_, run, at_);
      return;
    }
    at_ = after_break(source_, at_);
    const std::size_t empty_lines = skip_empty_lines();
    out_.replace(empty_lines == 0 ? " " : std::string(empty_lines, '\n'), run, at_);
  }

  // At the beginning of a line: past the lines that are empty and the next one's indentation. Returns their count.
  std::size_t skip_empty_lines() {
    std::size_t count = 0;
    while (true) {
      if (is_document_marker(source_, at_)) {
        fault_ = ScalarFault{ScalarFault::Kind::document_marker, at_, at_ + 3};
        return count;
      }
      at_ = skip_blanks(source_, at_);
      if (at_ >= source_.size() || !is_break(source_[at_])) return count;
      at_ = after_break(source_, at_);
      ++count;
    }
  }

  void scan_escape() {
    const std::size_t backslash = at_;
    const char code = at(source_, at_ + 1);
    if (is_break(code)) {
      at_ = after_break(source_, at_ + 1);
      const std::size_t empty_lines = skip_empty_lines();
      out_.replace(std::string(empty_lines, '\n'), backslash, at_);
      return;
    }
    if (code == 'x' || code == 'u' || code == 'U') {
      scan_numeric_escape(backslash, code == 'x' ? 2 : code == 'u' ? 4 : 8);
      return;
    }
    const auto decoded = simple_escape(code);
    if (!decoded) {
      fault_ = ScalarFault{ScalarFault::Kind::unknown_escape, backslash, std::min(backslash + 2, source_.size())};
      return;
    }
    at_ += 2;
    out_.replace(*decoded, backslash, at_);
  }

  static std::optional<std::string_view> simple_escape(char code) {
    using namespace std::string_view_literals;
    switch (code) {
      case '0':
        return "\0"sv;
      case 'a':
        return "\a"sv;
      case 'b':
        return "\b"sv;
      case 't':
      case '\t':
        return "\t"sv;
      case 'n':
        return "\n"sv;
      case 'v':
        return "\v"sv;
      case 'f':
        return "\f"sv;
      case 'r':
        return "\r"sv;
      case 'e':
        return "\x1b"sv;
      case ' ':
        return " "sv;
      case '"':
        return "\""sv;
      case '\\':
        return "\\"sv;
      case '/':
        return "/"sv;
      case 'N':
        return "\xc2\x85"sv;
      case '_':
        return "\xc2\xa0"sv;
      case 'L':
        return "\xe2\x80\xa8"sv;
      case 'P':
        return "\xe2\x80\xa9"sv;
      default:
        return std::nullopt;
    }
  }

  void scan_numeric_escape(std::size_t backslash, std::size_t digits) {
    std::uint32_t code_point = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const auto digit = hexadecimal_digit(at(source_, backslash + 2 + i));
      if (!digit) {
        fault_ = ScalarFault{ScalarFault::Kind::bad_escape_digits, backslash, backslash + 2 + i};
        return;
      }
      code_point = code_point << 4 | *digit;
    }
    at_ = backslash + 2 + digits;
    const std::string decoded = encode_utf8(code_point);
    if (decoded.empty()) {
      fault_ = ScalarFault{ScalarFault::Kind::bad_code_point, backslash, at_};
      return;
    }
    out_.replace(decoded, backslash, at_);
  }

  std::string_view source_;
  std::size_t begin_;
  std::size_t at_;
  char quote_;
  ScalarText& out_;
  std::optional<ScalarFault> fault_;
};

// Reads one literal or folded scalar.
class BlockScanner {
 public:
  BlockScanner(std::string_view source, std::size_t begin, ScalarText& out)
      : source_(source), at_(begin + 1), folded_(source[begin] == '>'), out_(out) {}

  // The indentation of the content, in columns, is `least` or what the first line has; or exactly what is given.
  ScannedScalar scan(int parent_column, std::optional<std::size_t> known_indent = std::nullopt) {
    const auto least = static_cast<std::size_t>(std::max(parent_column + 1, 1));
    scan_header();
    end_ = at_;
    at_ = line_end(source_, at_);  // a comment
    if (at_ >= source_.size()) return {end_, std::nullopt};
    at_ = after_break(source_, at_);
    std::size_t indent = 0;
    if (known_indent) {
      indent = *known_indent;
    } else {
      indent = increment_ > 0 ? least + increment_ - 1 : std::max(least, detect_indent());
    }
    scan_lines(indent);
    return {end_, std::nullopt};
  }

 private:
  enum class Chomping { clip, strip, keep };

  void scan_header() {
    for (; at_ < source_.size(); ++at_) {
      const char c = source_[at_];
      if (c == '+' || c == '-') {
        chomping_ = c == '+' ? Chomping::keep : Chomping::strip;
      } else if (c >= '1' && c <= '9') {
        increment_ = static_cast<std::size_t>(c - '0');
      } else {
        break;
      }
    }
  }

  // The widest of the empty lines at the beginning and the first line that is not empty.
  std::size_t detect_indent() const {
    std::size_t widest = 0;
    std::size_t i = at_;
    while (true) {
      const std::size_t line = i;
      while (at(source_, i) == ' ') ++i;
      widest = std::max(widest, i - line);
      if (i >= source_.size() || !is_break(source_[i])) return widest;
      i = after_break(source_, i);
    }
  }

  // Past the indentation of empty lines and their breaks; at_ ends in the first line with content, after at most
  // `indent` spaces. Returns the count of breaks and whether that line belongs to the scalar.
  std::pair<std::size_t, bool> skip_empty_lines(std::size_t indent) {
    std::size_t count = 0;
    while (true) {
      std::size_t column = 0;
      while (column < indent && at(source_, at_) == ' ') {
        ++at_;
        ++column;
      }
      if (at_ >= source_.size()) return {count, false};
      if (!is_break(source_[at_]))
        return {count, column == indent && !(indent == 0 && is_document_marker(source_, at_))};
      at_ = after_break(source_, at_);
      ++count;
    }
  }

  void scan_lines(std::size_t indent) {
    std::size_t gap = at_;  // the source bytes since the last content
    auto [breaks, belongs] = skip_empty_lines(indent);
    bool first = true;
    std::size_t line_break = 0;  // 1 once a line with content has ended by a break
    bool after_flush_line = false;
    while (belongs) {
      const bool flush = !is_blank(at(source_, at_));
      std::string separator;
      if (first) {
        separator.assign(breaks, '\n');
      } else if (folded_ && after_flush_line && flush) {
        separator = breaks == 0 ? " " : std::string(breaks, '\n');
      } else {
        separator.assign(breaks + 1, '\n');
      }
      if (!first || !separator.empty()) out_.replace(separator, gap, at_);
      first = false;
      after_flush_line = flush;
      const std::size_t line = at_;
      at_ = line_end(source_, at_);
      out_.copy(source_, line, at_);
      end_ = at_;
      gap = at_;
      line_break = at_ < source_.size() ? 1 : 0;
      if (line_break == 0) break;
      at_ = after_break(source_, at_);
      std::tie(breaks, belongs) = skip_empty_lines(indent);
    }
    if (line_break == 0 && !first) return;
    std::string tail;
    if (chomping_ != Chomping::strip) tail.assign(line_break, '\n');
    if (chomping_ == Chomping::keep) tail.append(breaks, '\n');
    if (!tail.empty()) out_.replace(tail, gap, std::max(gap, at_));
  }

  std::string_view source_;
  std::size_t at_;
  bool folded_;
  ScalarText& out_;
  Chomping chomping_ = Chomping::clip;
  std::size_t increment_ = 0;
  std::size_t end_ = 0;
};

std::size_t leading_spaces(std::string_view text, std::size_t i) {
  std::size_t count = 0;
  while (at(text, i + count) == ' ') ++count;
  return count;
}

// The indentation that a finished block scalar was read with, from its first line of content in source and text.
std::size_t known_indent(std::string_view source, const Node& scalar) {
  std::size_t line = line_end(source, scalar.begin);
  std::size_t decoded = 0;
  while (line < scalar.end) {
    line = after_break(source, line);
    if (at(scalar.scalar, decoded) != '\n') break;
    ++decoded;
    line = line_end(source, line);
  }
  const std::size_t in_source = leading_spaces(source, line);
  const std::size_t in_text = leading_spaces(scalar.scalar, decoded);
  return in_source - std::min(in_source, in_text);
}

}  // namespace

ScannedScalar scan_quoted(std::string_view source, std::size_t begin, ScalarText& out) {
  return QuotedScanner(source, begin, out).scan();
}

ScannedScalar scan_block(std::string_view source, std::size_t begin, int parent_column, ScalarText& out) {
  return BlockScanner(source, begin, out).scan(parent_column);
}

std::optional<std::size_t> scan_plain(std::string_view source, std::size_t begin, std::string_view decoded,
                                      ScalarText& out) {
  std::size_t from = begin;  // of the run that is equal in both
  std::size_t i = begin;
  std::size_t j = 0;
  while (j < decoded.size()) {
    const std::size_t fold = skip_blanks(source, i);
    if (fold < source.size() && is_break(source[fold])) {
      out.copy(source, from, i);
      std::size_t next = fold;
      std::size_t breaks = 0;
      while (next < source.size() && is_break(source[next])) {
        next = skip_blanks(source, after_break(source, next));
        ++breaks;
      }
      const std::string text = breaks == 1 ? " " : std::string(breaks - 1, '\n');
      if (decoded.substr(j, text.size()) != text) return std::nullopt;
      out.replace(text, i, next);
      j += text.size();
      i = from = next;
    } else if (i < source.size() && source[i] == decoded[j]) {
      ++i;
      ++j;
    } else {
      return std::nullopt;
    }
  }
  out.copy(source, from, i);
  return i;
}

std::vector<Piece> map_scalar(std::string_view source, const Node& scalar) {
  ScalarText out(true);
  switch (scalar.style) {
    case Style::single_quoted:
    case Style::double_quoted:
      (void)scan_quoted(source, scalar.begin, out);
      break;
    case Style::literal:
    case Style::folded:
      (void)BlockScanner(source, scalar.begin, out).scan(-1, known_indent(source, scalar));
      break;
    default:
      (void)scan_plain(source, scalar.begin, scalar.scalar, out);
  }
  return out.pieces();
}

}  // namespace liminal::document
