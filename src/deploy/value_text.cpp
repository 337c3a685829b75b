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

}  // namespace liminal::deploy
