// pip's configuration file (https://pip.pypa.io/en/stable/topics/configuration/).
#pragma once

#include <filesystem>
#include <string>

#include "liminal/base/world.hpp"

namespace liminal::build {

// What of it says where packages come from: all else is left out, since pip takes any of its options from it. It is
// known to be one: pip quotes the lines of a file that it cannot read, and `pip_conf` may name any file. Errors
// (usage): it is none, by its line and without its text, or brings in requirements; and those of FileSystem::read.
[[nodiscard]] Result<std::string> read_pip_configuration(const World& world, const std::filesystem::path& file);

}  // namespace liminal::build
