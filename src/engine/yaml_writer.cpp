#include "yaml_writer.hpp"

#include <algorithm>
#include <cctype>

#include "liminal/document/quoted.hpp"
#include "liminal/document/reserved_word.hpp"

namespace liminal::engine {

namespace {

// Letters first, and nothing after them that has a meaning of its own anywhere in a plain scalar.
bool is_plain(std::string_view text) {
  if (text.empty() || document::is_reserved_word(text)) return false;
  const auto first = static_cast<unsigned char>(text.front());
  if (std::isalpha(first) == 0 && text.front() != '/') return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x80 &&
           (std::isalnum(c) != 0 || std::string_view("/._-").find(static_cast<char>(c)) != std::string_view::npos);
  });
}

// A literal block keeps text exactly when it is printable, its lines begin with no white space that would be taken for
// indentation, and it ends in one line end or none.
bool fits_literal_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.front() == ' ' || text.front() == '\n') return false;
  if (text.ends_with("\n\n")) return false;
  if (text.substr(0, text.find('\n')).find_first_not_of(" \t") == std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c == '\n' || (c >= 0x20 && c < 0x7f); });
}

class Writer {
 public:
  void value(const Json& json, std::size_t depth) {
    if (json.is_object() && !json.empty()) {
      mapping(json, depth);
    } else if (json.is_array() && !json.empty()) {
      sequence(json, depth);
    } else {
      scalar(json, depth);
    }
  }
  std::string text;

 private:
  void line_start(std::size_t depth) { text.append(depth * 2, ' '); }

  void mapping(const Json& json, std::size_t depth) {
    bool first = true;
    for (const auto& [key, member] : json.items()) {
      if (!first || text.empty() || text.back() == '\n') line_start(depth);
      first = false;
      text += yaml_scalar(key) + ":";
      const bool nested = (member.is_object() || member.is_array()) && !member.empty();
      text += nested ? "\n" : " ";
      value(member, depth + 1);
    }
  }

  void sequence(const Json& json, std::size_t depth) {
    for (const Json& item : json) {
      line_start(depth);
      text += "-";
      // A list in a list starts on its own line; a map's first key follows its dash.
      text += item.is_array() && !item.empty() ? "\n" : " ";
      value(item, depth + 1);
    }
  }

  void scalar(const Json& json, std::size_t depth) {
    if (json.is_string()) {
      const auto& string = json.get_ref<const std::string&>();
      if (!string.empty() && fits_literal_block(string)) return literal_block(string, depth);
      text += yaml_scalar(string);
    } else {
      text += json.dump();
    }
    text += '\n';
  }

  void literal_block(std::string_view string, std::size_t depth) {
    text += string.ends_with('\n') ? "|\n" : "|-\n";
    if (string.ends_with('\n')) string.remove_suffix(1);
    for (std::size_t begin = 0; begin <= string.size();) {
      const std::size_t end = std::min(string.find('\n', begin), string.size());
      if (end > begin) {
        line_start(std::max<std::size_t>(depth, 1));
        text += string.substr(begin, end - begin);
      }
      text += '\n';
      begin = end + 1;
    }
  }
};

}  // namespace

std::string yaml_scalar(std::string_view text) {
  return is_plain(text) ? std::string(text) : document::double_quoted(text);
}

std::string to_yaml(const Json& value) {
  Writer writer;
  writer.value(value, 0);
  return std::move(writer.text);
}

}  // namespace liminal::engine
