// The docker builder: the same staged content as the oci builder's, sent to a Docker Engine with a generated
// Dockerfile.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "liminal/build/build.hpp"

#include "staged_image.hpp"

namespace liminal::build {

// A Docker Engine answers.
[[nodiscard]] bool docker_answers(const World& world);

// The id of the engine's image of this name, when its label `liminal.content-key` is this key; empty otherwise.
[[nodiscard]] Result<std::optional<std::string>> find_in_docker(const World& world, const std::string& name,
                                                                const std::string& content_key);

// Error (failed): the failing step, with its last lines as excerpt.
[[nodiscard]] Result<BuiltImage> build_with_docker(const World& world, const ImagePlan& plan, const StagedImage& staged,
                                                   const Options& options);

}  // namespace liminal::build
