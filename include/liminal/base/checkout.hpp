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

// Whether `path`, with its links followed as far as it exists, is `folder` or lies below it.
[[nodiscard]] bool lies_beneath(const std::filesystem::path& folder, const std::filesystem::path& path);

}  // namespace liminal
