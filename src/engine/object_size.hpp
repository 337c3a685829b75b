// What the cluster's store holds of one object at most.
#pragma once

#include <optional>
#include <string>

#include "liminal/base/json.hpp"

namespace liminal::engine {

struct SizeWarning {
  bool too_large = false;  // else near to it
  std::string message;
};

// Of a ConfigMap's or Secret's data (1 MiB), of annotations (256 KiB), of the whole object (1.5 MiB). Near is 3/4 of
// it.
[[nodiscard]] std::optional<SizeWarning> size_warning(const Json& object);

}  // namespace liminal::engine
