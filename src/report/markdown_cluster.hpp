// What a deploy changes on a cluster, for the reviewer of a pull request.
#pragma once

#include <cstddef>
#include <string>

#include "liminal/base/json.hpp"

namespace liminal::report {

// Of the member `cluster` of a run's data, at most `budget` bytes. On top counts, and what costs data, is replaced or
// was set by others; then a folded part a system with its objects and their fields. Beyond the budget fields go before
// objects and the harmless before the risky, and it says how many are left out. `context`: the cluster's name; may be
// empty. Empty when there is no system.
[[nodiscard]] std::string markdown_cluster(const Json& cluster, const std::string& context, std::size_t budget);

}  // namespace liminal::report
