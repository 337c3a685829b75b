#include "challenge.hpp"

#include <algorithm>

namespace liminal::registry {

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void drop() { rest_.remove_prefix(1); }
  std::string token() {
    const auto end = std::min(rest_.find_first_of(" \t,=\""), rest_.size());
    std::string result(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return result;
  }
  std::string value() {
    if (!take('"')) return token();
    std::string result;
    while (!done() && !rest_.starts_with('"')) {
      if (rest_.starts_with('\\') && rest_.size() > 1) drop();
      result += rest_.front();
      drop();
    }
    take('"');
    return result;
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::vector<Challenge> parse_challenges(std::string_view text) {
  std::vector<Challenge> challenges;
  Scanner scanner(text);
  for (;;) {
    scanner.skip(" \t,");
    if (scanner.done()) return challenges;
    const std::string word = scanner.token();
    if (word.empty()) {
      scanner.drop();
      continue;
    }
    scanner.skip(" \t");
    if (scanner.take('=')) {
      scanner.skip(" \t");
      const std::string value = scanner.value();
      if (!challenges.empty()) challenges.back().parameters.emplace(lower(word), value);
    } else {
      challenges.push_back({lower(word), {}});
    }
  }
}

std::optional<Challenge> choose_challenge(const std::vector<std::string>& headers) {
  std::optional<Challenge> basic;
  for (const std::string& header : headers) {
    for (Challenge& challenge : parse_challenges(header)) {
      if (challenge.scheme == "bearer") return std::move(challenge);
      if (challenge.scheme == "basic" && !basic) basic = std::move(challenge);
    }
  }
  return basic;
}

}  // namespace liminal::registry
