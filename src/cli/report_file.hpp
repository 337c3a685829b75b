// Where a --report goes.
#pragma once

#include <filesystem>
#include <string_view>

#include "liminal/base/file_system.hpp"

namespace liminal::cli {

// A regular file is replaced whole or not at all, and so is a link. What is neither (a device, a pipe, /dev/stdout) is
// opened and written into.
[[nodiscard]] Status write_report(FileSystem& files, const std::filesystem::path& path, std::string_view content);

}  // namespace liminal::cli
