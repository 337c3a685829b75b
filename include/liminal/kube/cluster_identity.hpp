// Which cluster a client speaks to, whatever its context is called: the UID of the namespace kube-system, which is made
// once with a cluster and never again.
#pragma once

#include <string>

#include "liminal/kube/client.hpp"

namespace liminal::kube {

// Errors (unavailable): not reachable, this user may not read that namespace, or the cluster has none.
[[nodiscard]] Result<std::string> cluster_uid(Client& client);

// Holds the client to the cluster of that UID. Errors (usage): it is another one, told with both UIDs; and those of
// cluster_uid. `pinned_by` says who wants it: "--cluster-uid", "the plan".
[[nodiscard]] Status check_cluster(Client& client, const std::string& uid, std::string_view pinned_by);

}  // namespace liminal::kube
