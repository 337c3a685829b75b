// Whom a container runs as: USER[:GROUP] of an image's configuration, by number or by name.
#pragma once

#include <filesystem>
#include <string>

#include "liminal/base/world.hpp"

namespace liminal::run {

struct ContainerUser {
  unsigned user = 0;
  unsigned group = 0;
  std::string home = "/root";
};

// Names are looked up in /etc/passwd and /etc/group below `root`, the image's files. Error (failed): not found there.
[[nodiscard]] Result<ContainerUser> find_user(const World& world, const std::string& text,
                                              const std::filesystem::path& root);

}  // namespace liminal::run
