#include "markdown_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "inert_text.hpp"

namespace liminal::report {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Letters, with hyphens or apostrophes between them; or a short number.
bool is_plain(std::string_view word) {
  constexpr std::size_t longest_number = 6;
  if (std::all_of(word.begin(), word.end(), is_digit)) return word.size() <= longest_number;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool between = i > 0 && i + 1 < word.size() && is_letter(word[i - 1]) && is_letter(word[i + 1]);
    if (!is_letter(word[i]) && !(between && (word[i] == '-' || word[i] == '\''))) return false;
  }
  // Seven hexadecimal digits or more are taken for a commit.
  constexpr std::size_t commit = 7;
  const auto is_hexadecimal = [](char c) { return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  return word.size() < commit || !std::all_of(word.begin(), word.end(), is_hexadecimal);
}

// A word with at most one sign of punctuation around it. `:` twice may be an emoji's name, and several signs a list or
// a rule.
std::string sentence_word(std::string_view word) {
  const std::string_view before = word.starts_with('(') ? word.substr(0, 1) : std::string_view{};
  std::string_view core = word.substr(before.size());
  const bool punctuated = !core.empty() && std::string_view(",.;:?)").find(core.back()) != std::string_view::npos;
  const std::string_view after = punctuated ? core.substr(core.size() - 1) : std::string_view{};
  core.remove_suffix(after.size());
  if (!is_plain(core)) return markdown_code(word);
  return std::string(word);
}

std::string words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) out += sentence_word(text.substr(0, end));
    if (end < text.size() && !out.ends_with(' ')) out += ' ';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

std::string markdown_code(std::string_view text) {
  std::string out = "<code>";
  for (const char c : visible_line(text)) {
    const bool plain = is_letter(c) || is_digit(c) || c == ' ' || c == '-' || c == '.' || c == ',' || c == ';';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("&#{};", static_cast<int>(c));
    }
  }
  return out + "</code>";
}

std::string markdown_sentence(std::string_view text) {
  const std::string line = visible_line(text);
  std::string_view rest = line;
  std::string out;
  while (!rest.empty()) {
    const std::size_t open = rest.find('`');
    const std::size_t close = open == std::string_view::npos ? open : rest.find('`', open + 1);
    if (close == std::string_view::npos) return out + words(rest);
    out += words(rest.substr(0, open));
    out += markdown_code(rest.substr(open + 1, close - open - 1));
    rest.remove_prefix(close + 1);
  }
  return out;
}

std::string markdown_block(std::string_view text) {
  std::string out = "<pre>\n";
  const std::string shown = visible(text);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const char c = shown[i];
    const bool means_something = std::string_view("&<>@#").find(c) != std::string_view::npos;
    const bool command = c == ':' && i + 1 < shown.size() && colon_may_begin_command(shown[i + 1]);
    if (means_something || command) {
      out += fmt::format("&#{};", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  if (!out.ends_with('\n')) out += '\n';
  return out + "</pre>\n";
}

}  // namespace liminal::report
