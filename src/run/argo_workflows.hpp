// The Workflows on a cluster: which there are, and whose they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/json.hpp"
#include "liminal/kube/client.hpp"
#include "liminal/model/model.hpp"

namespace liminal::run {

// Names the system that an object is part of.
inline constexpr const char* system_label = "app.kubernetes.io/part-of";

// Null: this program does not know the kind.
[[nodiscard]] const kube::ResourceType* argo_type(std::string_view kind);

// A string of an object; empty when it is not there, or is something else.
[[nodiscard]] std::string text_of(const Json& object, const Json::json_pointer& place);
[[nodiscard]] std::string label(const Json& object, std::string_view name);
[[nodiscard]] std::string annotation(const Json& object, std::string_view name);
[[nodiscard]] std::string name_of(const Json& object);

// The WorkflowTemplate or CronWorkflow that a Workflow was made of.
[[nodiscard]] std::string template_of(const Json& workflow);

// Whether an object says that it is part of another system. One that CronWorkflows made may say nothing.
[[nodiscard]] bool is_of_another(const Json& object, const model::System& system);

// The metadata of those of the templates, and of the CronWorkflows of the same names, the newest first. Whole, each may
// be a megabyte.
[[nodiscard]] Result<std::vector<Json>> list_workflows(kube::Client& client, const std::string& namespace_name,
                                                       const std::vector<std::string>& templates);

}  // namespace liminal::run
