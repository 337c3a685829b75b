// What has to hold before the first write: all that is missing is told at once.
#pragma once

#include "apply_set.hpp"

namespace liminal::deploy {

// Errors (unavailable): the namespaces that are not there, each right that this user lacks, by verb, kind and
// namespace, and the secrets to pull images with that are not there.
[[nodiscard]] Result<std::vector<Error>> preflight(kube::Client& client, const std::vector<SetPlan>& plans);

}  // namespace liminal::deploy
