#include "value_text.hpp"

#include <algorithm>

namespace liminal::deploy {

namespace {
constexpr std::size_t width = 60;
}  // namespace

std::string value_text(const Json& value) {
  std::string text =
      value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() <= width && text.find('\n') == std::string::npos) return text;
  text.resize(std::min({text.size(), width, text.find('\n')}));
  return text + "...";
}

std::string change_text(const Json& before, const Json& after) {
  const auto whole = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', true, Json::error_handler_t::replace);
  };
  std::string old = whole(before);
  std::string now = whole(after);
  // Of long values what they have in common at their begin says nothing.
  if (std::max(old.size(), now.size()) > width) {
    constexpr std::size_t kept = 20;
    const auto differ = std::mismatch(old.begin(), old.end(), now.begin(), now.end()).first;
    auto begin = static_cast<std::size_t>(differ - old.begin());
    begin -= std::min(begin, kept);
    // Not within a character.
    while (begin > 0 && (static_cast<unsigned char>(old[begin]) & 0xC0U) == 0x80U) --begin;
    if (begin > 0) {
      old.replace(0, begin, "...");
      now.replace(0, begin, "...");
    }
  }
  return value_text(Json(old)) + " -> " + value_text(Json(now));
}

}  // namespace liminal::deploy
