// Executors that no task uses, such as those of a layer for other files: nothing of them is rendered.
#pragma once

#include <vector>

#include "liminal/engine/engine.hpp"

namespace liminal::engine {

// What no engine takes of them, as warnings.
void check_unused_executors(const model::System& system, const Target& target, std::vector<Diagnostic>& findings);

}  // namespace liminal::engine
