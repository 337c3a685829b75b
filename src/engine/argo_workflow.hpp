// WorkflowTemplate and CronWorkflow for Argo Workflows 3 and 4.
#pragma once

#include <optional>

#include "liminal/engine/engine.hpp"

namespace liminal::engine {

[[nodiscard]] Json argo_workflow_template(const model::System& system, const model::Pipeline& pipeline,
                                          const Target& target, std::vector<Diagnostic>& findings);
// Nothing for a pipeline that is started by hand.
[[nodiscard]] std::optional<Json> argo_cron_workflow(const model::System& system, const model::Pipeline& pipeline,
                                                     const Target& target, std::vector<Diagnostic>& findings);

}  // namespace liminal::engine
