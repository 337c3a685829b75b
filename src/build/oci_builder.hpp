// The oci builder: an image as the OCI image specification has it, made inside this program without a daemon. The
// base's layers by reference, one layer for the requirements, one for a server program, one for the source. The same
// content gives the same bytes, wherever, whenever and with however many threads it is built.
#pragma once

#include <optional>
#include <string>

#include "liminal/build/build.hpp"
#include "liminal/build/image_layout.hpp"

#include "content.hpp"

namespace liminal::build {

struct FoundImage {
  std::string digest;
  bool whole = true;  // false: a blob is missing or cut off
};

// The layout's image of this name, when it was made of this content; empty otherwise.
[[nodiscard]] Result<std::optional<FoundImage>> find_in_layout(const World& world, const Options& options,
                                                               const std::string& name, const std::string& content_key);

[[nodiscard]] Result<BuiltImage> build_with_oci(const World& world, const ImagePlan& plan, const Content& content,
                                                const Options& options);

// Bytes of an image's layers.
[[nodiscard]] std::uint64_t layers_size(const ImageManifest& manifest);

}  // namespace liminal::build
