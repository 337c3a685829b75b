// `.liminal`, where a repository keeps what is built and run in it.
#pragma once

#include <filesystem>

#include "liminal/base/file_system.hpp"

namespace liminal {

// Makes the folder, with a .gitignore that keeps all of it out of version control: runs keep parameters and output. A
// folder of another name is the user's own, and nothing is done.
Status make_state_folder(FileSystem& files, const std::filesystem::path& folder);

}  // namespace liminal
