// Objects of Kubernetes as an executor's keys hold them, read with either spelling of a field (node_affinity,
// nodeAffinity), and written as JSON or as objects of Kubernetes' Python client.
//
// A type is one of kubernetes_models.json: V1Toleration, list[V1Toleration], dict[str, str], str, int, bool, object.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/json.hpp"
#include "liminal/document/value.hpp"

namespace liminal::engine {

// What is wrong inside a value, and where.
struct ValueFault {
  document::Origin origin;
  std::string value;
  std::string message;
  std::string help;
};

// The value with Kubernetes' own names and types. What does not fit is left out and reported.
[[nodiscard]] Json kubernetes_json(const document::Value& value, std::string_view type,
                                   std::vector<ValueFault>& faults);

// The Python expression that makes it: k8s.V1Toleration(key="gpu").
[[nodiscard]] std::string kubernetes_python(const Json& value, std::string_view type);

}  // namespace liminal::engine
