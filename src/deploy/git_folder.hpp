// What a checkout's .git tells, read from its files: git itself may be missing, refuses folders of other users, and
// runs what the repository's configuration says.
#pragma once

#include <filesystem>
#include <string>

#include "liminal/base/file_system.hpp"

namespace liminal::deploy {

// The object name of HEAD; empty: not known.
[[nodiscard]] std::string head_commit(const FileSystem& files, const std::filesystem::path& checkout);

// The URL of the remote `origin`, as it is written; empty: there is none.
[[nodiscard]] std::string origin_url(const FileSystem& files, const std::filesystem::path& checkout);

}  // namespace liminal::deploy
