// Paths below a folder that is written into, and that nothing may lead out of.
#pragma once

#include <filesystem>

#include "liminal/base/file_system.hpp"

namespace liminal::deploy {

// No part of it is "..", "." or empty, and it is no absolute path.
[[nodiscard]] bool stays_below(const std::filesystem::path& path);

// Nothing between the folder and the file may be a link: it could lead anywhere. Error (usage): something is.
[[nodiscard]] Status refuse_links(const FileSystem& files, const std::filesystem::path& folder,
                                  const std::filesystem::path& relative);

// The machine's root is no folder to write into. Error (usage): it is that one.
[[nodiscard]] Status refuse_root(const std::filesystem::path& folder);

}  // namespace liminal::deploy
