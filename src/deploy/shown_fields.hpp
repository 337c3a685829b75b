// The changes of an object as they are shown: a long value by the places in it that differ.
#pragma once

#include <vector>

#include "liminal/deploy/cluster.hpp"

namespace liminal::deploy {

struct ShownField {
  kube::FieldChange change;
  std::size_t line = 0;  // of a text of several lines: which differs, from 1; of one that goes, as it is now. 0: none
};

// Texts by their lines, and values of custom resources, which are one value to the server, by their members.
[[nodiscard]] std::vector<ShownField> shown_fields(const ObjectChange& change);

}  // namespace liminal::deploy
