#include "encoding.hpp"

#include <fmt/format.h>

#include "utf8.hpp"

namespace liminal::document {

namespace {

bool is_foreign(std::string_view source) {
  return source.starts_with("\xFF\xFE") || source.starts_with("\xFE\xFF") ||
         (source.size() > 1 && (source[0] == '\0' || source[1] == '\0'));
}

// What YAML 1.1 calls c-printable, without the line breaks.
bool is_printable(std::uint32_t code_point) {
  if (code_point < 0xA0) return (code_point >= 0x20 && code_point < 0x7F) || code_point == '\t' || code_point == 0x85;
  return code_point != 0xFFFE && code_point != 0xFFFF;
}

// yaml-cpp and many editors do not take a carriage return alone as the end of a line, PyYAML does.
bool is_line_end(std::string_view source, std::size_t at) {
  return source[at] == '\n' || (source[at] == '\r' && at + 1 < source.size() && source[at + 1] == '\n');
}

EncodingFault fault(std::size_t offset, std::string message, std::string help) {
  return {static_cast<std::uint32_t>(offset), std::move(message), std::move(help)};
}

}  // namespace

std::optional<EncodingFault> find_encoding_fault(std::string_view source) {
  if (is_foreign(source)) return fault(0, "the file is UTF-16 or binary", "save it as UTF-8");
  for (std::size_t at = 0; at < source.size();) {
    const auto byte = static_cast<unsigned char>(source[at]);
    if ((byte >= 0x20 && byte < 0x7F) || is_line_end(source, at)) {
      ++at;
      continue;
    }
    const CodePoint code_point = decode_utf8(source, at);
    if (code_point.size == 0) {
      return fault(at, fmt::format("the byte 0x{:02X} is not UTF-8", byte), "save the file as UTF-8");
    }
    if (byte == '\r') {
      return fault(at, "a carriage return stands here without a line feed", "end lines with a line feed, as Unix does");
    }
    if (!is_printable(code_point.value)) {
      return fault(at, fmt::format("the control character U+{:04X} cannot stand in YAML", code_point.value),
                   "remove it, or write it as an escape in double quotes");
    }
    at += code_point.size;
  }
  return std::nullopt;
}

}  // namespace liminal::document
