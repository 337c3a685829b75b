// Text of a container as Kubernetes takes it.
#pragma once

#include <string>
#include <string_view>

namespace liminal::engine {

// Kubernetes replaces $(NAME) in commands, arguments and variables by a variable of the container, and $$ by $, before
// any shell sees them. Here the text stays what it is, as everywhere else.
[[nodiscard]] std::string container_text(std::string_view text);

}  // namespace liminal::engine
