// The keys of a kubernetes executor, which are arguments of Airflow's, as parts of an Argo template.
#pragma once

#include <string>
#include <vector>

#include "liminal/engine/engine.hpp"

namespace liminal::engine {

struct ArgoExecutor {
  Json pod = Json::object();        // members of the template
  Json container = Json::object();  // members of its container
  Json patch = Json::object();      // of the pod's spec, where a template has no member for it
  Json retry = Json::object();      // of the retry strategy, where the task has none of its own
  std::string pod_collection;       // the workflow's podGC: OnPodCompletion, OnPodSuccess, or empty
  std::vector<Diagnostic> findings;

  // Puts it into a template that has a container, behind what the task itself says.
  void apply(Json& pod_template) const;
};

[[nodiscard]] ArgoExecutor argo_executor(const model::System& system, const model::Task& task,
                                         const model::Executor& executor, const Target& target);

}  // namespace liminal::engine
