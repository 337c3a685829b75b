// What `liminal resolve` prints.
#pragma once

#include <vector>

#include "liminal/base/json.hpp"
#include "liminal/model/model.hpp"

namespace liminal::config {

// An array with one object a system: its values after inheritance, defaults and variables, keys sorted at every level.
[[nodiscard]] Json resolved_json(const std::vector<model::System>& systems);

// The same as YAML, a document a system: a value from another file than the system's own has its place as a comment.
[[nodiscard]] std::string resolved_text(const std::vector<model::System>& systems);

}  // namespace liminal::config
