#include "liminal/document/quoted.hpp"

#include <fmt/format.h>

#include "liminal/base/json.hpp"

namespace liminal::document {

namespace {

// What the escape at `at` stands for.
unsigned unit_at(std::string_view escaped, std::size_t at) {
  return static_cast<unsigned>(std::stoul(std::string(escaped.substr(at + 2, 4)), nullptr, 16));
}

}  // namespace

std::string double_quoted(std::string_view text) {
  // JSON's escapes are YAML's but for one: JSON has two halves for what is beyond U+FFFF, which YAML refuses.
  const std::string escaped = Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string result;
  for (std::size_t at = 0; at < escaped.size();) {
    if (escaped[at] != '\\') {
      result += escaped[at++];
    } else if (escaped[at + 1] == 'u' && unit_at(escaped, at) >= 0xD800 && unit_at(escaped, at) < 0xDC00) {
      const unsigned code = 0x10000 + ((unit_at(escaped, at) - 0xD800) << 10U) + (unit_at(escaped, at + 6) - 0xDC00);
      result += fmt::format("\\U{:08X}", code);
      at += 12;
    } else {
      result += escaped.substr(at, 2);
      at += 2;
    }
  }
  return result;
}

}  // namespace liminal::document
