// What the YAML reader stumbled over, told in terms of the file.
#pragma once

#include <string_view>

#include "document_data.hpp"

namespace liminal::document {

// Turns the reader's own message and place into a finding of ours: the commonest mistakes by name, the rest by what
// stands there.
[[nodiscard]] Diagnostic syntax_error(const DocumentData& document, std::string_view reader_message,
                                      std::uint32_t offset);

// `cmd: {{x}}`, read as a map inside a map. `offset` is that of the first brace.
[[nodiscard]] Diagnostic unquoted_placeholder(const DocumentData& document, std::uint32_t offset);

// A finding of this layer at bytes [begin, end).
[[nodiscard]] Diagnostic reading_finding(const DocumentData& document, std::string_view rule, std::uint32_t begin,
                                         std::uint32_t end, std::string message, std::string help);

}  // namespace liminal::document
