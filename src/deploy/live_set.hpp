// What is on the cluster of a set: one list a kind.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "inventory.hpp"

namespace liminal::deploy {

struct LiveSet {
  Inventory inventory;
  std::map<kube::Reference, Json> members;  // objects that carry the set's id
  // Of objects that the set wants and does not have: those of the name that others made.
  std::map<kube::Reference, Json> strangers;
  // Of objects on record that the set no longer wants: those that have lost its labels.
  std::map<kube::Reference, Json> unlabelled;
};

// Errors (unavailable): not reachable, not allowed to read what is wanted or on record, a kind the cluster does not
// have.
[[nodiscard]] Result<LiveSet> read_live(kube::Client& client, const DesiredSet& set);

// Whether a deploy of the set may have made it, as a record or a saved plan has it: neither is a way to apply any
// object.
[[nodiscard]] bool may_be_of(const DesiredSet& set, const DesiredObject& object);

}  // namespace liminal::deploy
