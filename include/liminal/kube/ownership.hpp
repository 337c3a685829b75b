// How objects that this program deploys are marked, and whose an object is.
#pragma once

#include <string>
#include <string_view>

#include "liminal/base/json.hpp"

namespace liminal::kube {

inline constexpr std::string_view part_of_label = "applyset.kubernetes.io/part-of";
inline constexpr std::string_view set_annotation = "liminal/set";  // NAMESPACE/SYSTEM, for people

// Who made an object, for messages: was made by ..., belongs to ...
[[nodiscard]] std::string whose(const Json& object);

}  // namespace liminal::kube
