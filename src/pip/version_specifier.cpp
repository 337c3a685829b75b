#include "version_specifier.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "liminal/base/letter_case.hpp"
#include "liminal/pip/requirement_syntax.hpp"

namespace liminal::pip {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_separator(char c) {
  return c == '.' || c == '-' || c == '_';
}

// Reads a version from the left. What it takes is PEP 440's appendix B, in any case of letters.
class VersionReader {
 public:
  explicit VersionReader(std::string_view text) : rest_(text) {}

  // The numbers of the release; 0: there is none.
  int release() {
    word({"v"});
    const std::string_view before = rest_;
    if (number() && rest_.starts_with('!')) {
      rest_.remove_prefix(1);
    } else {
      rest_ = before;
    }
    int numbers = 0;
    while (number()) {
      ++numbers;
      if (rest_.size() < 2 || rest_[0] != '.' || !is_digit(rest_[1])) break;
      rest_.remove_prefix(1);
    }
    return numbers;
  }

  void suffixes() {
    marked({"alpha", "a", "beta", "b", "preview", "pre", "c", "rc"});
    if (rest_.size() > 1 && rest_[0] == '-' && is_digit(rest_[1])) {
      rest_.remove_prefix(1);
      number();
    } else {
      marked({"post", "rev", "r"});
    }
    marked({"dev"});
  }

  void local() {
    if (!rest_.starts_with('+')) return;
    std::size_t length = 1;
    for (; length < rest_.size(); ++length) {
      const bool after_sign = length == 1 || is_separator(rest_[length - 1]);
      const char c = rest_[length];
      if (is_separator(c) ? after_sign : std::isalnum(static_cast<unsigned char>(c)) == 0) return;
    }
    if (length > 1 && !is_separator(rest_.back())) rest_ = {};
  }

  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  bool number() {
    const std::size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    rest_.remove_prefix(digits);
    return digits > 0;
  }

  bool word(std::initializer_list<std::string_view> words) {
    for (const std::string_view one : words) {
      const bool same =
          rest_.size() >= one.size() &&
          std::equal(one.begin(), one.end(), rest_.begin(), [](char wanted, char c) { return wanted == to_lower(c); });
      if (!same) continue;
      rest_.remove_prefix(one.size());
      return true;
    }
    return false;
  }

  // `-rc.1`, `rc1`, `.rc.`: a word and maybe a number, each with a separator or none before it.
  void marked(std::initializer_list<std::string_view> words) {
    const std::string_view before = rest_;
    separator();
    if (!word(words)) {
      rest_ = before;
      return;
    }
    separator();
    number();
  }

  void separator() {
    if (!rest_.empty() && is_separator(rest_.front())) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

bool is_condition(std::string_view sign, std::string_view version) {
  constexpr std::array<std::string_view, 8> signs{"==", "===", ">=", "<=", "!=", "~=", "<", ">"};
  if (std::find(signs.begin(), signs.end(), sign) == signs.end()) return false;
  if (version.empty() || version.find_first_of(" \t()") != std::string_view::npos) return false;
  if (sign == "===") return true;
  const bool exact = sign == "==" || sign == "!=";
  VersionReader reader(version);
  const int numbers = reader.release();
  if (numbers < (sign == "~=" ? 2 : 1)) return false;
  if (exact && reader.rest() == ".*") return true;
  reader.suffixes();
  if (exact) reader.local();
  return reader.rest().empty();
}

}  // namespace

bool is_version_list(std::string_view text) {
  if (text.starts_with('(')) {
    if (!text.ends_with(')')) return false;
    text = text.substr(1, text.size() - 2);
  }
  for (;;) {
    const auto comma = text.find(',');
    const std::string_view part = trimmed(text.substr(0, comma));
    const auto signs = part.find_first_not_of("=<>!~");
    if (signs == 0 || signs == std::string_view::npos) return false;
    if (!is_condition(part.substr(0, signs), trimmed(part.substr(signs)))) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
    if (trimmed(text).empty()) return true;  // pip takes a comma at the end
  }
}

}  // namespace liminal::pip
