// Whether a source is text that YAML allows: UTF-8 without control characters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace liminal::document {

struct EncodingFault {
  std::uint32_t offset = 0;
  std::string message;
  std::string help;
};

[[nodiscard]] std::optional<EncodingFault> find_encoding_fault(std::string_view source);

}  // namespace liminal::document
