// The keys of a kubernetes executor, which are arguments of Airflow's, as parts of an Argo template.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "liminal/engine/engine.hpp"

namespace liminal::engine {

// Of an executor that keeps its pods: Argo has no word for it.
inline constexpr std::string_view keep_pods = "keep";

struct ArgoExecutor {
  Json pod = Json::object();                // members of the template
  Json container = Json::object();          // members of its container
  Json patch = Json::object();              // of the pod's spec, where a template has no member for it
  std::optional<std::int64_t> retries;      // where the task has none of its own
  std::optional<std::int64_t> retry_delay;  // in seconds; the same
  std::string pod_collection;  // the workflow's podGC: OnPodCompletion, OnPodSuccess, keep_pods; empty: not said
  std::vector<Diagnostic> findings;

  // Puts it into a template that has a container, behind what the task itself says.
  void apply(Json& pod_template) const;
};

[[nodiscard]] ArgoExecutor argo_executor(const model::System& system, const model::Task& task,
                                         const model::Executor& executor, const Target& target);

}  // namespace liminal::engine
