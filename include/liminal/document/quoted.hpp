// A text as a double-quoted scalar of YAML 1.1 and 1.2.
#pragma once

#include <string>
#include <string_view>

namespace liminal::document {

// In ASCII alone, so that no reader's idea of a line end or of what is printable matters. Bytes that are no UTF-8
// become U+FFFD.
[[nodiscard]] std::string double_quoted(std::string_view text);

}  // namespace liminal::document
