// What has moved on the cluster since a plan was saved. Pure.
#pragma once

#include <string>
#include <vector>

#include "live_set.hpp"

namespace liminal::deploy {

// What SeenField::value begins with where a long value is known by its digest alone.
inline constexpr const char* long_value_mark = "sha256:";

// Errors (failed), each with object, field and manager: another deploy since, an object that appeared, is gone or was
// made anew, a field of ours that has another value or other owners. Fields of others, and status, may move. `digest`
// is the saved plan's: what a deploy of this very plan has moved is none, so that one that was cut off can be run
// again.
[[nodiscard]] std::vector<Error> moved_since(const SetPlan& saved, const SetPlan& now, const LiveSet& live,
                                             const std::string& digest);

}  // namespace liminal::deploy
