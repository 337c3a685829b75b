// What a resumed run of Argo keeps of the run that it goes on from.
#pragma once

#include <set>
#include <string>

#include "liminal/engine/argo_submission.hpp"

namespace liminal::run {

// Of the tasks that succeeded, those that are in the graph and rest, near and far, on none that runs again.
[[nodiscard]] std::set<std::string> kept_tasks(const engine::ArgoGraph& graph, const std::set<std::string>& succeeded);

}  // namespace liminal::run
