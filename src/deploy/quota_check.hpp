// What the quotas of a namespace leave for a deploy. https://kubernetes.io/docs/concepts/policy/resource-quotas/
#pragma once

#include "apply_set.hpp"

namespace liminal::deploy {

struct CheckedQuotas {
  std::vector<Error> exceeded;     // (unavailable) for what would surely be refused, or could never run
  std::vector<std::string> notes;  // for pods that find no room as things are
};

// `quotas`: every ResourceQuota of the plans' namespaces. Objects that are made count; pods of
// Deployments that are made or changed, since what refuses them does so after the deploy has written. Quotas with
// scopes are passed over: which pods they hold is not known beforehand. Pure.
[[nodiscard]] CheckedQuotas check_quotas(const std::vector<SetPlan>& plans, const std::vector<Json>& quotas);

}  // namespace liminal::deploy
