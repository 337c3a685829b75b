#include "masked_text.hpp"

namespace liminal::build {

std::string without(const std::set<std::string>& secrets, std::string_view line) {
  std::string text(line);
  // From the end of the order, so that a longer secret goes before one that it begins with.
  for (auto secret = secrets.rbegin(); secret != secrets.rend(); ++secret) {
    for (std::size_t at = 0; (at = text.find(*secret, at)) != std::string::npos; at += 4)
      text.replace(at, secret->size(), "****");
  }
  return text;
}

}  // namespace liminal::build
