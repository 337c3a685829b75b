// What stands behind the semicolon of a requirement, as PEP 508 has it: `python_version < "3.13" and os_name != "nt"`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace liminal::pip {

// Why the text is no marker; empty: it is one.
[[nodiscard]] std::optional<std::string> marker_mistake(std::string_view text);

}  // namespace liminal::pip
