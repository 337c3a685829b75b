// What was deployed when: one record a deploy on the cluster, with the objects as they were applied (but for the values
// of secrets), so that any of the last ones can be had back.
#pragma once

#include <vector>

#include "apply_set.hpp"

namespace liminal::deploy {

// Writes the record of a deploy that ended, and removes the oldest beyond what is kept.
[[nodiscard]] Status write_revision(kube::Client& client, const DesiredSet& set, const Revision& revision);

// What the set wanted at a revision of read_history, which is not read again. Error (failed): the record is damaged.
[[nodiscard]] Result<DesiredSet> read_objects(kube::Client& client, const DesiredSet& set, unsigned number);

}  // namespace liminal::deploy
