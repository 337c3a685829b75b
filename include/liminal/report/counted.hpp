// Numbers with their noun, as people read them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace liminal::report {

// 1 file, 2 files
[[nodiscard]] std::string counted(std::size_t count, std::string_view noun);

}  // namespace liminal::report
