// Places that content is handed to rather than kept in: devices, pipes, and this process's own open files by their
// names in /dev and /proc. Nothing here makes, replaces or removes a file.
#pragma once

#include <filesystem>
#include <string_view>

#include "liminal/base/result.hpp"

namespace liminal {

// Whether `path`, links followed, is there and neither a regular file nor a folder, or names an open file of this
// process, such as /dev/stdout.
[[nodiscard]] bool is_special_file(const std::filesystem::path& path);

// Errors: usage: a block device, or a pipe that nobody reads; else what the operating system says.
[[nodiscard]] Status write_special_file(const std::filesystem::path& path, std::string_view content);

}  // namespace liminal
