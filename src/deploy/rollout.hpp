// Waiting until what was deployed is ready.
#pragma once

#include <functional>

#include "readiness.hpp"

namespace liminal::deploy {

struct NotReady {
  const DesiredObject* object = nullptr;
  Error error;
};

// Says meanwhile what is missing. The first that is hopeless, or not ready in time: an error (failed) with the reason,
// the pod, its last events and the last lines it printed, and which others are not ready. Empty: all are ready.
// `allowed` is asked at each look: its error ends the waiting.
[[nodiscard]] std::optional<NotReady> wait_until_ready(const World& world, kube::Client& client,
                                                       const std::vector<const DesiredObject*>& deployments,
                                                       std::chrono::seconds timeout,
                                                       const std::function<Status()>& allowed);

}  // namespace liminal::deploy
