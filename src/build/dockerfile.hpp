// The Dockerfile that the docker builder generates, and the folder it is built in.
#pragma once

#include <string>
#include <vector>

#include "liminal/base/world.hpp"

#include "staged_image.hpp"

namespace liminal::build {

// Places in the build's context. The user's files have a folder of their own, so that none can stand in for ours.
inline constexpr const char* context_dockerfile = "Dockerfile";
inline constexpr const char* context_app = "app";
inline constexpr const char* context_server = "server";
inline constexpr const char* context_pip_conf = "pip.conf";

// Whether a requirements file names other files of the source (-r, -c, -e, a path, --find-links): then pip needs the
// whole source, and not that file alone.
[[nodiscard]] bool names_other_files(std::string_view requirements);

// `base` as the engine knows it. With a pip.conf, packages are installed in a stage of their own: the file, which holds
// secrets, is in no layer of the image and not in its history.
[[nodiscard]] std::string generate_dockerfile(const StagedImage& staged, const std::string& base,
                                              bool whole_source_first);

}  // namespace liminal::build
