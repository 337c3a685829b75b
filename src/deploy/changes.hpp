// What has to change, from what is wanted and what is live. Pure.
#pragma once

#include "live_set.hpp"

namespace liminal::deploy {

// With a saved plan, what has moved since it was made is an obstacle.
[[nodiscard]] SetPlan plan_changes(DesiredSet set, const LiveSet& live, const Options& options,
                                   const SetPlan* saved = nullptr);

// In which order kinds go: what refers to others goes first, a schedule before what it starts.
[[nodiscard]] unsigned removal_order(const kube::Reference& reference);

// A Deployment's object without its number of replicas, for an apply that leaves them to another.
[[nodiscard]] Json without_replicas(Json deployment);

// ", held by the finalizer x.io/y" of an object that is being deleted; empty where nothing says what holds it.
[[nodiscard]] std::string held_by(const Json& object);

using kube::whose;
// Who set a field, and since when.
[[nodiscard]] std::string owners_text(const std::vector<kube::FieldOwner>& owners);

}  // namespace liminal::deploy
