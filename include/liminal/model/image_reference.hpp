// Names of images: [REGISTRY/]NAME[:TAG][@DIGEST], as Docker and the OCI distribution specification spell them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "liminal/base/result.hpp"

namespace liminal::model {

// rootfs:DIR or oci:DIR, as --base takes them: a folder of the machine, which no file may choose and no image is named.
[[nodiscard]] bool names_folder(std::string_view text);

struct ImageReference {
  std::string registry;    // host[:port]; empty when the name has none
  std::string repository;  // lower case, parts divided by /
  std::string tag;         // empty when not given
  std::string digest;      // sha256:..., empty when not given

  [[nodiscard]] static Result<ImageReference> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

}  // namespace liminal::model
