// Waiting until what was deployed is ready.
#pragma once

#include "readiness.hpp"

namespace liminal::deploy {

// Says meanwhile what is missing. Errors (failed): hopeless, or not ready in time, with the reason, the pod, its last
// events and the last lines it printed.
[[nodiscard]] Status wait_until_ready(const World& world, kube::Client& client,
                                      const std::vector<const DesiredObject*>& deployments,
                                      std::chrono::seconds timeout);

}  // namespace liminal::deploy
