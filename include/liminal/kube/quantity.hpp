// Kubernetes quantities: 100Gi, 500m, 1e3.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
#pragma once

#include <optional>

#include "liminal/base/json.hpp"

namespace liminal::kube {

[[nodiscard]] std::optional<long double> quantity_of(const Json& value);
// Two ways of writing one amount: 1000m and 1.
[[nodiscard]] bool same_quantity(const Json& a, const Json& b);

}  // namespace liminal::kube
