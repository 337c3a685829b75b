// The config.json of a container (OCI runtime specification 1.0).
#pragma once

#include <filesystem>
#include <string>

#include "liminal/base/json.hpp"
#include "liminal/build/image_layout.hpp"

#include "container_user.hpp"
#include "runtime.hpp"

namespace liminal::run {

struct OciConfigInput {
  const Container* container = nullptr;
  const build::ImageConfig* image = nullptr;
  std::filesystem::path root;  // the root file system
  bool root_read_only = false;
  bool root_user = true;  // this process is root on its machine, and not only inside a namespace
  ContainerUser user;
  std::string cgroup;       // of the container; empty: none is made, and no limit is kept
  bool count_swap = false;  // the limit of memory counts swap
};

// Host network, so that downloads work; every other namespace its own. No new privileges, few capabilities.
[[nodiscard]] Json oci_config(const OciConfigInput& input);

}  // namespace liminal::run
