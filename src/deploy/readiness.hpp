// Whether a Deployment has become what was asked for, and what stands in the way. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apply_set.hpp"

namespace liminal::deploy {

struct Readiness {
  bool ready = false;
  bool hopeless = false;  // waiting on brings nothing
  bool serves = false;    // some pod answers, be it one of before
  std::string text;       // 1 of 2 ready; pod web-abc: ImagePullBackOff: ...
  std::string pod;        // the one that stands in the way, if one does
  std::string container;  // of that pod
  bool has_logs = false;  // the container ran: its last lines may tell why
};

// `pods` may hold those of other Deployments.
[[nodiscard]] Readiness readiness_of(const Json& deployment, const std::vector<Json>& pods);

}  // namespace liminal::deploy
