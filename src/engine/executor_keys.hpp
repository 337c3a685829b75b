// Keys of a kubernetes executor that may be written in more than one way, as Kubernetes has them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "liminal/base/json.hpp"
#include "liminal/model/model.hpp"

#include "kubernetes_models.hpp"

namespace liminal::engine {

// `resources`: requests and limits, or Airflow's older request_memory, limit_cpu and the like.
[[nodiscard]] Json executor_resources(const document::Value& value, std::vector<ValueFault>& faults);
// `image_pull_secrets`: names divided by commas, a list of names, or of objects.
[[nodiscard]] Json executor_pull_secrets(const document::Value& value, std::vector<ValueFault>& faults);
// `env_vars`: a map, or a list of objects; without those that the task sets itself. Objects of V1EnvVar.
[[nodiscard]] Json executor_environment(const document::Value& value, const model::Task& task,
                                        std::vector<ValueFault>& faults);

// `volumes` and `volume_mounts` without those whose name or place the task's own have: these win. Others as they are.
[[nodiscard]] document::Value without_taken(const document::Value& value, std::string_view key, const model::Task& task,
                                            const model::System& system);
// `volume_mounts` of volumes that a pod of the task does not have.
void check_volume_mounts(const document::Value& value, const model::Executor& executor, const model::Task& task,
                         const model::System& system, std::vector<ValueFault>& faults);
// Of `init_containers`, beside the pod's own, whose names are `taken`. The image of other containers the operator
// gives.
void check_init_containers(const document::Value& value, std::span<const std::string_view> taken,
                           const model::Executor& executor, const model::Task& task, const model::System& system,
                           std::vector<ValueFault>& faults);
// `labels` that every pod has of its own.
void check_labels(const document::Value& value, std::vector<ValueFault>& faults);

[[nodiscard]] bool says(const model::Executor& executor, std::string_view key);

// Whether the executor gives its tasks a variable of that name.
[[nodiscard]] bool executor_sets(const model::Executor* executor, std::string_view variable);

}  // namespace liminal::engine
