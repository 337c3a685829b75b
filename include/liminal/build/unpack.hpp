// An image of a layout as a root file system on disk, for a container runtime.
#pragma once

#include <filesystem>
#include <string>

#include "liminal/base/world.hpp"

namespace liminal::build {

// Applies the layers of an image (manifest digest) in order to `destination`, whiteouts included (image-spec,
// layer.md). The folder appears whole or not at all; one that is there was unpacked before and is kept, so a
// destination belongs to one digest. Nothing is written outside of it, whatever the layers hold. As root, owners are
// kept; as another user every file is the user's own, and device nodes are left out.
Status unpack(const World& world, const std::filesystem::path& layout, const std::string& digest,
              const std::filesystem::path& destination);

}  // namespace liminal::build
