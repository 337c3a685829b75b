// A pod uses the claims and secrets of its own namespace alone.
#pragma once

#include "liminal/engine/engine.hpp"

namespace liminal::engine {

// Warns of each volume whose claim, and each secret that, is made in another namespace than that of a pod that mounts
// it: the pod waits for what is not there, unless somebody else makes it.
void check_claim_namespaces(const model::System& system, const Target& target, std::vector<Diagnostic>& findings);

}  // namespace liminal::engine
