// What has to change, from what is wanted and what is live. Pure.
#pragma once

#include "live_set.hpp"

namespace liminal::deploy {

[[nodiscard]] SetPlan plan_changes(DesiredSet set, const LiveSet& live, const Options& options);

}  // namespace liminal::deploy
