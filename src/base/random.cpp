#include "liminal/base/random.hpp"

#include <array>
#include <string_view>

#include <sys/random.h>

namespace liminal {

std::string random_text(std::size_t length) {
  constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  constexpr unsigned fair = 256 / alphabet.size() * alphabet.size();  // bytes above would favour the first letters
  std::string text;
  while (text.size() < length) {
    std::array<unsigned char, 64> bytes{};
    // Up to 256 bytes come whole, once the machine has started.
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) continue;
    for (const unsigned char byte : bytes) {
      if (byte < fair && text.size() < length) text += alphabet[byte % alphabet.size()];
    }
  }
  return text;
}

}  // namespace liminal
