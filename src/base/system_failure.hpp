// What the operating system refused, as an error.
#pragma once

#include <filesystem>
#include <string_view>

#include "liminal/base/result.hpp"

namespace liminal {

// Kinds as docs/exit-status.md has them: what is not there or of another kind was named wrongly (usage), what may not
// be touched refuses access (unavailable), and the rest failed.
[[nodiscard]] tl::unexpected<Error> system_failure(std::string_view doing, const std::filesystem::path& path, int code);

}  // namespace liminal
