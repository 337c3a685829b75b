// What a liminal.toml may say that was found in the current folder, and so may be a pull request's author's own.
#pragma once

#include <string_view>

namespace liminal::cli {

enum class Trust {
  anything,
  inside,   // a path that has to stay inside the repository
  refused,  // it takes the person or job that starts the program to say so
};

// By an option's name without dashes. One that is not known here is refused.
[[nodiscard]] Trust trust_in_found(std::string_view option);

}  // namespace liminal::cli
