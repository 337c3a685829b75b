// One mistake in a layer, in defaults or behind an anchor is met by every heir and task that takes it from there.
#pragma once

#include <vector>

#include "liminal/diagnostic/diagnostic.hpp"

namespace liminal::validate {

// Takes sorted findings. Of those of one rule about one value at one place keeps the first, which says how many there
// were and names what the others are related to.
void join_at_same_place(std::vector<Diagnostic>& findings);

}  // namespace liminal::validate
