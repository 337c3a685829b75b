// An image of a layout, handed to a Docker Engine that knows it by name afterwards.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "liminal/base/world.hpp"
#include "liminal/docker/client.hpp"

namespace liminal::build {

// Loads the image with this manifest digest and names it. Its configuration is kept, so its id is the same wherever it
// is loaded. Errors: a layer whose compression the engine cannot read, and what Client::load tells.
Status load_into_docker(const World& world, const docker::Client& engine, const std::filesystem::path& layout,
                        const std::string& digest, const std::vector<std::string>& names);

}  // namespace liminal::build
