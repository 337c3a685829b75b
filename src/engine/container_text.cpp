#include "container_text.hpp"

#include <cctype>

namespace liminal::engine {

namespace {

// Whether $( begins what Kubernetes could take for a variable: $(date +%F) does not.
bool names_variable(std::string_view text) {
  for (std::size_t at = 2; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (text[at] == ')') return at > 2;
    if (byte >= 0x80 || (std::isalnum(byte) == 0 && text[at] != '_' && text[at] != '-' && text[at] != '.'))
      return false;
  }
  return false;
}

}  // namespace

std::string container_text(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    result += text[at];
    if (text[at] != '$') continue;
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("$$") || (rest.starts_with("$(") && names_variable(rest))) result += '$';
  }
  return result;
}

}  // namespace liminal::engine
