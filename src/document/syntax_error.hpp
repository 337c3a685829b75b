// What the YAML reader stumbled over, told in terms of the file.
#pragma once

#include <string_view>

#include "document_data.hpp"
#include "scalar_text.hpp"

namespace liminal::document {

struct SyntaxError {
  Diagnostic finding;
  // The bytes of a value that only lacks its quotes; none otherwise.
  std::uint32_t value_begin = 0;
  std::uint32_t value_size = 0;
};

// Turns the reader's own message and place into a finding of ours: the commonest mistakes by name, the rest by what
// stands there. `text` is what was read, and `cursor` the end of the last thing that could be.
[[nodiscard]] SyntaxError syntax_error(const DocumentData& document, std::string_view text,
                                       std::string_view reader_message, std::uint32_t offset, std::uint32_t cursor);

// What is wrong within quoted text.
[[nodiscard]] Diagnostic scalar_error(const DocumentData& document, const ScalarFault& fault);

// `cmd: {{x}}`, read as a map inside a map. `offset` is that of the first brace.
[[nodiscard]] Diagnostic unquoted_placeholder(const DocumentData& document, std::uint32_t offset);

// A finding of this layer at bytes [begin, end).
[[nodiscard]] Diagnostic reading_finding(const DocumentData& document, std::string_view rule, std::uint32_t begin,
                                         std::uint32_t end, std::string message, std::string help);

}  // namespace liminal::document
