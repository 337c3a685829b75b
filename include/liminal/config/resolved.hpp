// What `liminal resolve` prints.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/json.hpp"
#include "liminal/model/model.hpp"

namespace liminal::config {

// An array with one object a system: its values after inheritance, defaults and variables, keys sorted at every level.
[[nodiscard]] Json resolved_json(const std::vector<model::System>& systems);

// Whether a text stands in the output as it is. What shows it may write escapes into the others.
using ShownAsIs = std::function<bool(std::string_view)>;

// The same as YAML, a document a system: a value from another file than the system's own has its place as a comment.
// Texts that are not shown as they are stand in double quotes, where YAML reads such escapes back.
[[nodiscard]] std::string resolved_text(
    const std::vector<model::System>& systems, const ShownAsIs& shown = [](std::string_view) { return true; });

}  // namespace liminal::config
