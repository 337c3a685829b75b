// Where in the user's files an object comes from, for messages about it.
#pragma once

#include "liminal/deploy/cluster.hpp"

namespace liminal::deploy {

// The same error, at the object's line. An object of a record has none.
[[nodiscard]] Error placed(Error error, const DesiredObject& object);

// " in liminal.yml"; of an object of a record nothing.
[[nodiscard]] std::string in_file(const DesiredObject& object);

}  // namespace liminal::deploy
