// Calling crun and runc: the ways that may work on this machine, and the command line of each.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "oci_runtime.hpp"

namespace liminal::run {

// In the order they are tried: those that can keep limits first.
[[nodiscard]] std::vector<OciWay> oci_ways(const World& world, RuntimeChoice choice, bool root_user);

// `crun --root STATE ARGUMENTS`, with what this way needs. `mounts` are the program's alone.
[[nodiscard]] ProcessRequest oci_request(const World& world, const OciWay& way, const std::filesystem::path& state,
                                         std::vector<std::string> arguments, std::vector<PrivateMount> mounts = {});

// What a program calls itself: crun 1.8.1. Its name alone when it does not say.
[[nodiscard]] std::string oci_version(const World& world, const std::string& program);

}  // namespace liminal::run
