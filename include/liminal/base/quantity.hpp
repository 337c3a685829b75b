// Amounts as Kubernetes writes them: 100Gi, 500m, 1e3.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
#pragma once

#include <optional>
#include <string_view>

namespace liminal {

// Empty when the text is none.
[[nodiscard]] std::optional<long double> parse_quantity(std::string_view text);

}  // namespace liminal
