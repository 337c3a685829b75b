// How what was deployed fares: the deploy on record, what has changed since, and whether its services are ready.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "liminal/deploy/cluster.hpp"

namespace liminal::deploy {

struct ServiceStatus {
  std::string name;
  bool ready = false;
  std::string text;  // 1 of 2 ready; pod web-abc: ImagePullBackOff
};

struct SetStatus {
  std::optional<Revision> last;  // the deploy that ended last; without its objects
  // What applying that deploy again would change: what others have changed since, and what has gone. Of secrets,
  // whose values no record has, that one is gone or was written by another.
  SetPlan drift;
  std::vector<ServiceStatus> services;
};

// Of sets that need name their system and namespace alone. Read rights are enough.
[[nodiscard]] Result<std::vector<SetStatus>> read_status(kube::Client& client, std::vector<DesiredSet> sets);

// Where nothing is on record, the namespace's name may be a slip. Errors (unavailable): there is none. Who may not look
// at namespaces is not told.
[[nodiscard]] Status check_namespace(kube::Client& client, const std::string& name);

}  // namespace liminal::deploy
