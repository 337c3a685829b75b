// One run of a pipeline by Argo Workflows: a Workflow, of the WorkflowTemplate that `render` made.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>

#include "liminal/base/json.hpp"
#include "liminal/base/result.hpp"
#include "liminal/model/model.hpp"

namespace liminal::engine {

// Of the pipeline's WorkflowTemplate and CronWorkflow, and of a task in them, whose name begins with a letter.
[[nodiscard]] std::string argo_name(const model::Pipeline& pipeline);
[[nodiscard]] std::string argo_name(const model::Task& task);

// Where a Workflow keeps the moment that its templates ({{ ds }}) are about.
inline constexpr const char* argo_scheduled_time = "workflows.argoproj.io/scheduled-time";

// The tasks of a deployed pipeline as Argo names them, each with those that it waits for.
using ArgoGraph = std::map<std::string, std::set<std::string>>;
// Errors (failed): the WorkflowTemplate is not of the shape that `render` gives it.
[[nodiscard]] Result<ArgoGraph> argo_graph(const Json& workflow_template);

struct ArgoSubmission {
  std::string name;  // of the Workflow
  std::chrono::sys_seconds logical_date;
  std::map<std::string, std::string> params;  // of the workflow, in place of the template's own values
  std::set<std::string> left_out;             // tasks, as Argo names them, that count as succeeded and are not run
};

// `workflow_template` is the live object: what is deployed is what is run. A whole run refers to it; a part of one has
// its own copy of the graph. Errors: (usage) it takes no such parameter; (failed) it is not of the shape that `render`
// gives it.
[[nodiscard]] Result<Json> argo_workflow(const Json& workflow_template, const ArgoSubmission& submission);

}  // namespace liminal::engine
