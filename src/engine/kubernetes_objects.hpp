// The Kubernetes objects that every engine needs: volumes, services, and the parts of a pod.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/engine/engine.hpp"

#include "kubernetes_models.hpp"

namespace liminal::engine {

[[nodiscard]] Json object_labels(const model::System& system, std::string_view name);
// Labels of every pod, which tell whose it is.
inline constexpr std::array<std::string_view, 4> own_labels{"app.kubernetes.io/managed-by", "app.kubernetes.io/name",
                                                            "app.kubernetes.io/part-of", "app.kubernetes.io/component"};
// Of a task's pod: own_labels.
[[nodiscard]] Json task_labels(const model::System& system, const model::Pipeline& pipeline, const model::Task& task);
[[nodiscard]] Json persistent_volume(const model::System& system, const model::Volume& volume, const Target& target);
[[nodiscard]] Json persistent_volume_claim(const model::System& system, const model::Volume& volume,
                                           const Target& target);
// Services (service_objects.cpp).
[[nodiscard]] Json deployment(const model::System& system, const model::Service& service, const Target& target,
                              std::vector<ValueFault>& faults);
[[nodiscard]] Json service_object(const model::System& system, const model::Service& service, const Target& target);
// The ConfigMap that carries a DAG file to an Airflow that mounts it.
[[nodiscard]] Json dag_config_map(const model::System& system, const Artifact& dag, const Target& target);

[[nodiscard]] std::string claim_name(const model::Volume& volume);
// `volumes` of a pod and `volumeMounts` of its container, each volume once.
struct PodVolumes {
  Json volumes = Json::array();
  Json mounts = Json::array();
};
[[nodiscard]] PodVolumes pod_volumes(const model::System& system, const std::vector<model::Mount>& mounts,
                                     const std::vector<model::SecretMount>& secrets);

}  // namespace liminal::engine
