// The config.json of a container (OCI runtime specification 1.0).
#pragma once

#include <filesystem>
#include <string>

#include "liminal/base/json.hpp"
#include "liminal/build/image_layout.hpp"

#include "runtime.hpp"

namespace liminal::run {

struct OciConfigInput {
  const Container* container = nullptr;
  const build::ImageConfig* image = nullptr;
  std::filesystem::path root;  // the root file system
  bool root_read_only = false;
  bool new_user_namespace = false;  // run as an ordinary user: root inside is that user outside
  bool root_user = true;            // this process is root on its machine, and not only inside a namespace
  unsigned user_id = 0;             // of this process
  unsigned group_id = 0;
  unsigned container_user = 0;
  unsigned container_group = 0;
};

// Host network, so that downloads work; every other namespace its own. No new privileges, few capabilities.
[[nodiscard]] Json oci_config(const OciConfigInput& input);

}  // namespace liminal::run
