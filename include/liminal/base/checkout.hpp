// The checked-out repository, whose content a pull request controls: configuration with credentials is not read from
// it.
#pragma once

#include <filesystem>
#include <optional>

#include "liminal/base/file_system.hpp"

namespace liminal {

// The nearest folder at or above `start` that holds `.git`; empty when there is none.
[[nodiscard]] std::optional<std::filesystem::path> find_checkout(const FileSystem& files,
                                                                 const std::filesystem::path& start);

// Where a file written at `path` would end up: its links followed, also those that lead to what is not there yet.
// Empty: the links have no end, or may not be read.
[[nodiscard]] std::filesystem::path real_place(const std::filesystem::path& path);

// Whether `path`, with its links followed, is `folder` or lies below it.
[[nodiscard]] bool lies_beneath(const std::filesystem::path& folder, const std::filesystem::path& path);

}  // namespace liminal
