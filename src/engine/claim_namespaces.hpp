// A pod uses the claims of its own namespace alone.
#pragma once

#include "liminal/engine/engine.hpp"

namespace liminal::engine {

// Warns of each volume whose claim is made in another namespace than that of a pod that mounts it: the pod waits for a
// claim that is not there, unless somebody else makes one.
void check_claim_namespaces(const model::System& system, const Target& target, std::vector<Diagnostic>& findings);

}  // namespace liminal::engine
