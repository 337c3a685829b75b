// CronWorkflows in the form that the cluster's Argo Workflows reads: 3.6 brought a list of schedules, 4.0 took the
// single one away.
#pragma once

#include "live_set.hpp"

namespace liminal::deploy {

// Gives the set's CronWorkflows a single schedule where the live one has it so, or where one is to be made and the
// server's definition knows no list. Asks the server only then; what it does not tell stays a list.
void settle_schedules(kube::Client& client, DesiredSet& set, const LiveSet& live);

// Whether the definition of CronWorkflows in an OpenAPI 3 document of their group knows a list of schedules; empty: it
// does not say. Pure.
[[nodiscard]] std::optional<bool> knows_schedules(const Json& openapi);

}  // namespace liminal::deploy
