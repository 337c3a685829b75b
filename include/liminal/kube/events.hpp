// What a cluster says of its objects beside them:
// https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
#pragma once

#include <string>
#include <vector>

#include "liminal/kube/client.hpp"

namespace liminal::kube {

struct Warning {
  std::string object;  // the name of what it is about
  std::string text;    // FailedMount: MountVolume.SetUp failed ...: untrusted text, bounded
};

// Of pods in the namespace, the latest last; with a name, of that one alone. Who may not look at events is told none.
[[nodiscard]] std::vector<Warning> pod_warnings(Client& client, const std::string& namespace_name,
                                                const std::string& name = {});

}  // namespace liminal::kube
