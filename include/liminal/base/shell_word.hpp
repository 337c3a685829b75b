// Words of commands that are shown to be copied.
#pragma once

#include <string>

namespace liminal {

// As a POSIX shell reads it back as this one word: in quotes where it has to be.
[[nodiscard]] std::string shell_word(const std::string& word);

}  // namespace liminal
