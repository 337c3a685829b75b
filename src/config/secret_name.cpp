#include "secret_name.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace liminal::config {

namespace {

// Telling wherever they stand in a name.
constexpr std::array<std::string_view, 6> parts{"TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL"};
// Telling as a word of their own: KEY, but not MONKEY; AUTH, but not AUTHOR.
constexpr std::array<std::string_view, 8> words{"KEY", "APIKEY", "AUTH", "PASS", "PAT", "JWT", "COOKIE", "CONN"};

bool has_telling_word(std::string_view name) {
  std::size_t begin = 0;
  while (begin <= name.size()) {
    const std::size_t end = std::min(name.find_first_of("_-.", begin), name.size());
    if (std::find(words.begin(), words.end(), name.substr(begin, end - begin)) != words.end()) return true;
    begin = end + 1;
  }
  return false;
}

// scheme://user:password@host
bool has_password_in_address(std::string_view value) {
  const std::size_t scheme = value.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = value.substr(scheme + 3);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const std::size_t at = authority.rfind('@');
  return at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos;
}

}  // namespace

bool looks_like_a_secret(std::string_view name, std::string_view value) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const auto stands_in_name = [&](std::string_view part) { return upper.find(part) != std::string::npos; };
  return std::any_of(parts.begin(), parts.end(), stands_in_name) || has_telling_word(upper) ||
         has_password_in_address(value);
}

}  // namespace liminal::config
