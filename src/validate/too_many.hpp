// The bound on the findings of one file.
#pragma once

#include <vector>

#include "liminal/diagnostic/diagnostic.hpp"

namespace liminal::validate {

// Takes sorted findings. Of a file with too many keeps the worst, in their order, and says so in a finding of its own
// (too-many-findings).
void drop_too_many(std::vector<Diagnostic>& findings);

}  // namespace liminal::validate
