// Whether the images that a deploy is about to refer to can be pulled.
#pragma once

#include "apply_set.hpp"

namespace liminal::deploy {

struct CheckedImages {
  std::vector<Error> missing;                // (unavailable) at the line that names the image
  std::map<std::string, std::string> notes;  // what could not be found out, and why, by registry
};

// Asks each registry for the images of objects that are made or changed, each image once. Nodes may reach a registry
// that this machine does not, or have a login of their own: what cannot be found out from here is a note.
[[nodiscard]] CheckedImages check_images(const World& world, const registry::Options& registries,
                                         const std::vector<SetPlan>& plans);

}  // namespace liminal::deploy
