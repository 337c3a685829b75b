#include "encoding.hpp"

#include <fmt/format.h>

namespace liminal::document {

namespace {

// The length of the UTF-8 sequence at the front (RFC 3629), or 0 when there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool too_large = first == 0xF4 && byte(1) > 0x8F;
    return continues(1) && continues(2) && continues(3) && !overlong && !too_large ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::optional<EncodingFault> find_encoding_fault(std::string_view source) {
  if (source.starts_with("\xFF\xFE") || source.starts_with("\xFE\xFF") ||
      (source.size() > 1 && (source[0] == '\0' || source[1] == '\0'))) {
    return EncodingFault{0, "the file is UTF-16 or binary", "save it as UTF-8"};
  }
  for (std::size_t at = 0; at < source.size();) {
    const auto byte = static_cast<unsigned char>(source[at]);
    const bool control = (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F;
    if (control) {
      return EncodingFault{static_cast<std::uint32_t>(at),
                           fmt::format("the control character U+{:04X} cannot stand in YAML", byte),
                           "remove it, or write it as an escape in double quotes"};
    }
    const std::size_t length = sequence_length(source.substr(at));
    if (length == 0) {
      return EncodingFault{static_cast<std::uint32_t>(at), fmt::format("the byte 0x{:02X} is not UTF-8", byte),
                           "save the file as UTF-8"};
    }
    at += length;
  }
  return std::nullopt;
}

}  // namespace liminal::document
