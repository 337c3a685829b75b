// Objects that a set wants, from elsewhere than a rendering: a record, or a saved plan.
#pragma once

#include "apply_set.hpp"

namespace liminal::deploy {

// An object as a record has it, ready to be applied again.
[[nodiscard]] DesiredObject recorded_object(const Json& object);

// The `data` of a secret's object, from its file; `secret` and `shown` are what messages call secret and file. Errors
// (usage): it cannot be read.
[[nodiscard]] Result<Json> secret_data(const World& world, const std::filesystem::path& file, const std::string& secret,
                                       const std::string& shown);

}  // namespace liminal::deploy
