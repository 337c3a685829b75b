// The image that others are built on: found by reference, by image layout, or made from a root file system folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "liminal/build/build.hpp"
#include "liminal/build/image_layout.hpp"

namespace liminal::build {

struct BaseImage {
  std::string name;              // as it stands in the image's annotations: the reference, never a path
  std::string digest;            // of its manifest
  std::filesystem::path layout;  // where its blobs are
};

// Of this machine, as images name it: amd64, arm64.
[[nodiscard]] const char* host_architecture();

// What stands for a base: the value of --base NAME=..., or the name itself. Errors (usage): the name itself is a
// folder, which only --base may choose.
[[nodiscard]] Result<std::string> base_place(const std::string& name, const Options& options);

// What tells one content of a base from another, found without making or fetching anything large: a manifest's digest,
// or a root file system's hash.
[[nodiscard]] Result<std::string> base_identity(const World& world, const std::string& name, const Options& options);

// The same, complete in a layout on this machine. A reference stands for the digest `planned`, which base_identity()
// told of it before; empty: for what it stands for now.
[[nodiscard]] Result<BaseImage> find_base(const World& world, const std::string& name, const Options& options,
                                          const std::string& planned = {});

}  // namespace liminal::build
