// What has to hold before the first write: all that is missing is told at once.
#pragma once

#include "apply_set.hpp"

namespace liminal::deploy {

struct Preflight {
  std::vector<Error> missing;
  std::vector<std::string> notes;  // what could not be found out beforehand
};

enum class Rights { asked, not_asked };

// Missing (unavailable): the namespaces that are not there or are ending, each right that this user lacks, by verb,
// kind and namespace, the secrets to pull images with, the images, and what a quota does not leave.
[[nodiscard]] Result<Preflight> preflight(const World& world, kube::Client& client, const std::vector<SetPlan>& plans,
                                          const Options& options, Rights rights = Rights::asked);

}  // namespace liminal::deploy
