// Waiting until what was deployed is ready.
#pragma once

#include "readiness.hpp"

namespace liminal::deploy {

struct NotReady {
  const DesiredObject* object = nullptr;
  Error error;
};

// Says meanwhile what is missing. The first that is hopeless, or not ready in time: an error (failed) with the reason,
// the pod, its last events and the last lines it printed. Empty: all are ready.
[[nodiscard]] std::optional<NotReady> wait_until_ready(const World& world, kube::Client& client,
                                                       const std::vector<const DesiredObject*>& deployments,
                                                       std::chrono::seconds timeout);

}  // namespace liminal::deploy
