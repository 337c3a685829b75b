// Text that nobody can guess.
#pragma once

#include <cstddef>
#include <string>

namespace liminal {

// Letters and digits, each of them random as the kernel gives it (getrandom(2)).
[[nodiscard]] std::string random_text(std::size_t length);

}  // namespace liminal
