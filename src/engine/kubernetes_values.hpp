// What the API server refuses in a pod though its type fits: words of a fixed choice, numbers out of their range, names
// of the wrong form, members that exclude or need one another.
#pragma once

#include <string_view>
#include <vector>

#include "kubernetes_models.hpp"

namespace liminal::engine {

// One member of an object of `type` (V1Toleration) by Kubernetes' name (effect), or, with pod_operator_type, a key of
// an executor (dnspolicy). What holds a template is not looked at.
void check_kubernetes_member(std::string_view type, std::string_view name, const document::Value& value,
                             std::vector<ValueFault>& faults);

// The members of an object, which `json` holds by Kubernetes' names, together.
void check_kubernetes_object(std::string_view type, const document::Value& value, const Json& json,
                             std::vector<ValueFault>& faults);

// The items of a list, of which each has the type.
void check_kubernetes_list(std::string_view type, const document::Value& value, const Json& json,
                           std::vector<ValueFault>& faults);

inline constexpr std::string_view pod_operator_type = "KubernetesPodOperator";

}  // namespace liminal::engine
