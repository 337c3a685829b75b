// The types of Kubernetes' objects: kubernetes_models.json, made into constants by tables/write_tables.
#pragma once

#include <span>
#include <string_view>

namespace liminal::engine {

struct KubernetesField {
  std::string_view python;  // node_affinity
  std::string_view json;    // nodeAffinity
  std::string_view type;    // V1NodeAffinity, list[str], ...
  bool required = false;
};

struct KubernetesModel {
  std::string_view name;  // V1Affinity
  std::span<const KubernetesField> fields;
};

// By name.
extern const std::span<const KubernetesModel> kubernetes_model_table;

}  // namespace liminal::engine
