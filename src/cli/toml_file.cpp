#include "toml_file.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace liminal::cli {

namespace {

constexpr std::size_t longest_key = 64;
constexpr std::string_view quote_it = "text stands in quotes: key = \"value\"";

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text) {}

  tl::expected<std::vector<TomlEntry>, TomlMistake> parse() && {
    for (skip(true); !rest_.empty() && !mistake_; skip(true)) {
      if (rest_.front() == '[') {
        read_table();
      } else {
        read_entry();
      }
      skip(false);
      if (!mistake_ && !rest_.empty() && rest_.front() != '\n') fail("something follows where the line should end");
    }
    if (mistake_) return tl::unexpected(std::move(*mistake_));
    return std::move(entries_);
  }

 private:
  void fail(std::string message, std::string_view advice = {}) {
    if (!mistake_) mistake_ = TomlMistake{line_, std::move(message), std::string(advice)};
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // White space and comments; line ends too where they mean nothing.
  void skip(bool line_ends) {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '#') {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      } else if (c == '\n' && line_ends) {
        ++line_;
        rest_.remove_prefix(1);
      } else if (c == ' ' || c == '\t' || rest_.starts_with("\r\n")) {
        rest_.remove_prefix(1);
      } else {
        return;
      }
    }
  }

  // Empty after a mistake.
  std::string read_key() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_key_character);
    const auto length = static_cast<std::size_t>(end - rest_.begin());
    if (length == 0 || length > longest_key) {
      fail("this is no key", "a line is key = value, [COMMAND] or a comment");
      return {};
    }
    std::string key(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return key;
  }

  void read_table() {
    take('[');
    skip(false);
    table_ = read_key();
    skip(false);
    if (!take(']')) fail("a table's name is a command's alone, as in [validate]");
  }

  void read_entry() {
    TomlEntry entry;
    entry.table = table_;
    entry.line = line_;
    entry.key = read_key();
    skip(false);
    if (!take('=')) fail("= is missing after the key", "a line is key = value, [COMMAND] or a comment");
    const auto same = std::find_if(entries_.begin(), entries_.end(), [&](const TomlEntry& other) {
      return other.table == entry.table && other.key == entry.key;
    });
    if (same != entries_.end()) fail(fmt::format("`{}` stands on line {} already", entry.key, same->line));
    skip(false);
    entry.is_list = take('[');
    if (entry.is_list) {
      read_list(entry);
    } else if (auto value = read_value(entry.is_string)) {
      entry.values.push_back(std::move(*value));
    }
    entries_.push_back(std::move(entry));
  }

  void read_list(TomlEntry& entry) {
    for (skip(true); !take(']'); skip(true)) {
      bool is_string = false;
      auto value = read_value(is_string);
      if (!value) return;
      entry.values.push_back(std::move(*value));
      skip(true);
      if (!take(',') && !rest_.starts_with(']')) return fail(fmt::format("the list `{}` has no end", entry.key));
    }
  }

  std::optional<std::string> read_value(bool& is_string) {
    is_string = rest_.starts_with('"') || rest_.starts_with('\'');
    if (is_string) return read_string();
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_key_character);
    std::string word(rest_.begin(), end);
    const std::string_view digits = std::string_view(word).substr(word.starts_with('-') ? 1 : 0);
    const bool number =
        !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!number && word != "true" && word != "false") {
      fail("the value is no text in quotes, no whole number, no boolean and no list", quote_it);
      return std::nullopt;
    }
    rest_.remove_prefix(word.size());
    return word;
  }

  std::optional<std::string> read_string() {
    const char quote = rest_.front();
    take(quote);
    std::string text;
    while (!rest_.empty() && rest_.front() != '\n') {
      if (take(quote)) return text;
      if (quote == '"' && take('\\')) {
        constexpr std::string_view escapes = "\"\\nt";
        const std::size_t which = rest_.empty() ? std::string_view::npos : escapes.find(rest_.front());
        if (which == std::string_view::npos) {
          fail(R"(after \ stands one of " \ n t)", "in single quotes a text is taken as it stands");
          return std::nullopt;
        }
        text += std::string_view("\"\\\n\t")[which];
      } else {
        text += rest_.front();
      }
      rest_.remove_prefix(1);
    }
    fail("the text has no end", quote_it);
    return std::nullopt;
  }

  std::string_view rest_;
  std::size_t line_ = 1;
  std::string table_;
  std::vector<TomlEntry> entries_;
  std::optional<TomlMistake> mistake_;
};

}  // namespace

tl::expected<std::vector<TomlEntry>, TomlMistake> parse_toml(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace liminal::cli
