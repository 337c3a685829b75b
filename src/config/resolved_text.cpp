// What `liminal resolve` prints for people.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "liminal/config/resolved.hpp"
#include "liminal/document/quoted.hpp"
#include "liminal/document/reserved_word.hpp"

namespace liminal::config {

namespace {

using document::Kind;
using document::ScalarType;
using document::Value;

// Without control characters and what some version of YAML takes for the end of a line.
bool is_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return false;
    const bool next_line = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    const std::string_view three = text.substr(i, 3);
    // Planes 14 to 16: tags and private use, which a terminal is not shown either.
    if (byte >= 0xF4 || (byte == 0xF3 && three >= "\xF3\xA0")) return false;
    if (next_line || three == "\xE2\x80\xA8" || three == "\xE2\x80\xA9" || three == "\xEF\xBB\xBF") return false;
  }
  return true;
}

// 1e3, 0o17, 1_000, 12:30: what one version of YAML takes for text and another for a number.
bool is_like_a_number(std::string_view text) {
  const bool begins_as_one = std::isdigit(static_cast<unsigned char>(text.front())) != 0 ||
                             std::string_view("+-.").find(text.front()) != std::string_view::npos;
  return begins_as_one && text.find_first_not_of("0123456789abcdefABCDEFxXoO_.:+-") == std::string_view::npos;
}

// What YAML reads as this text without quotes, in a block and by any of its versions.
bool is_plain(std::string_view text) {
  if (text.empty() || document::is_reserved_word(text) || is_like_a_number(text) || !is_printable(text)) return false;
  if (document::classify_plain(text) != ScalarType::string) return false;
  if (std::string_view("-?:,[]{}#&*!|>'\"%@` ").find(text.front()) != std::string_view::npos) return false;
  if (text.ends_with(' ') || text.ends_with(':')) return false;
  return text.find(": ") == std::string_view::npos && text.find(" #") == std::string_view::npos;
}

std::string quoted(std::string_view text) {
  if (!is_printable(text)) return document::double_quoted(text);
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
  return result + "'";
}

// A literal block keeps it exactly.
bool fits_literal_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.front() == ' ' || text.front() == '\n') return false;
  if (text.ends_with("\n\n")) return false;
  std::string without_ends(text);
  std::erase(without_ends, '\n');
  return is_printable(without_ends);
}

// A file's name as part of a comment.
std::string comment(std::string name) {
  for (char& c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return name;
}

class Printer {
 public:
  Printer(const std::string& file, const ShownAsIs& shown) : file_(file), shown_(shown) {
    text_ = fmt::format("# {}\n", comment(file));
  }

  // The lines of a map or list that holds something.
  void collection(const Value& value, std::size_t depth) {
    for (const Value& item : value.items) {
      const std::size_t begin = text_.size();
      if (is_block(item)) {
        collection(item, depth + 1);
      } else {
        text_.append(2 * (depth + 1), ' ');
        leaf(item, depth);
      }
      text_[begin + 2 * depth] = '-';  // in the indentation of the item's first line
    }
    for (const Value::Member& member : value.members) {
      text_.append(2 * depth, ' ');
      text_ += text_scalar(member.key) + ':';
      if (is_block(member.value)) {
        text_ += '\n';
        collection(member.value, depth + 1);
      } else {
        text_ += ' ';
        leaf(member.value, depth);
      }
    }
  }

  std::string take() && { return std::move(text_); }

 private:
  static bool is_block(const Value& value) { return !value.items.empty() || !value.members.empty(); }

  void leaf(const Value& value, std::size_t depth) {
    if (value.is_sequence()) {
      text_ += "[]\n";
    } else if (value.is_mapping()) {
      text_ += "{}\n";
    } else if (value.is_string() && fits_literal_block(value.scalar) && shown_(value.scalar)) {
      literal_block(value, depth + 1);
    } else {
      text_ += scalar(value) + place(value) + '\n';
    }
  }

  // Where what shows the text has escapes of its own, YAML reads them back in double quotes alone.
  [[nodiscard]] std::string text_scalar(std::string_view text) const {
    if (!shown_(text)) return document::double_quoted(text);
    return is_plain(text) ? std::string(text) : quoted(text);
  }

  [[nodiscard]] std::string scalar(const Value& value) const {
    if (value.is_string()) return text_scalar(value.scalar);
    // What JSON has no form for (a date, an integer beyond 64 bits, infinity) stands as it is written.
    const Json json = value.json();
    return json.is_string() ? value.scalar : json.dump();
  }

  void literal_block(const Value& value, std::size_t depth) {
    std::string_view rest = value.scalar;
    text_ += rest.ends_with('\n') ? "|" : "|-";
    text_ += place(value) + '\n';
    if (rest.ends_with('\n')) rest.remove_suffix(1);
    for (std::size_t begin = 0; begin <= rest.size();) {
      const std::size_t end = std::min(rest.find('\n', begin), rest.size());
      if (end > begin) text_.append(2 * depth, ' ').append(rest.substr(begin, end - begin));
      text_ += '\n';
      begin = end + 1;
    }
  }

  // Where a value comes from, unless it is the file itself.
  [[nodiscard]] std::string place(const Value& value) const {
    const auto location = value.origin.location();
    if (!location) return "  # built in";
    return location->file == file_ ? std::string()
                                   : fmt::format("  # {}:{}", comment(location->file), location->range.begin.line);
  }

  const std::string& file_;
  const ShownAsIs& shown_;
  std::string text_;
};

}  // namespace

std::string resolved_text(const std::vector<model::System>& systems, const ShownAsIs& shown) {
  std::string text;
  for (const model::System& system : systems) {
    if (!text.empty()) text += "---\n";
    Printer printer(system.file, shown);
    printer.collection(*system.resolved, 0);
    text += std::move(printer).take();
  }
  return text;
}

}  // namespace liminal::config
