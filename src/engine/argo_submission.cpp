#include "liminal/engine/argo_submission.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "liminal/base/utc.hpp"
#include "liminal/engine/engine.hpp"

namespace liminal::engine {

namespace {

// A CronWorkflow's runs get a time stamp behind its name, within 63 bytes.
constexpr std::size_t name_limit = 52;
constexpr std::string_view divider = " && ";

// The clauses of `a.Succeeded && (b.Succeeded || b.Failed)`, as `render` writes it: one a task that is waited for.
std::vector<std::string_view> clauses(std::string_view depends) {
  std::vector<std::string_view> all;
  while (!depends.empty()) {
    const std::size_t end = depends.find(divider);
    all.push_back(depends.substr(0, end));
    depends.remove_prefix(end == std::string_view::npos ? depends.size() : end + divider.size());
  }
  return all;
}

std::string task_of(std::string_view clause) {
  if (clause.starts_with('(')) clause.remove_prefix(1);
  return std::string(clause.substr(0, clause.find('.')));
}

std::string without(std::string_view depends, const std::set<std::string>& left_out) {
  std::string kept;
  for (const std::string_view clause : clauses(depends)) {
    if (left_out.contains(task_of(clause))) continue;
    kept += kept.empty() ? "" : divider;
    kept += clause;
  }
  return kept;
}

// The graph without some of its tasks.
Json part_of(const Json& dag, const std::set<std::string>& left_out) {
  Json part = dag;
  Json tasks = Json::array();
  std::string target;
  for (Json task : dag.at("tasks")) {
    const std::string name = task.at("name").get<std::string>();
    if (left_out.contains(name)) continue;
    target += (target.empty() ? "" : " ") + name;
    if (task.contains("depends")) {
      std::string depends = without(task["depends"].get<std::string>(), left_out);
      if (depends.empty()) {
        task.erase("depends");
      } else {
        task["depends"] = std::move(depends);
      }
    }
    tasks.push_back(std::move(task));
  }
  part["tasks"] = std::move(tasks);
  if (part.contains("target")) part["target"] = target;
  return part;
}

bool is_graph(const Json& one) {
  if (!one.is_object() || one.value("name", Json()) != "pipeline" || !one.contains("dag")) return false;
  const Json& dag = one["dag"];
  if (!dag.is_object() || !dag.contains("tasks") || !dag["tasks"].is_array()) return false;
  return std::all_of(dag["tasks"].begin(), dag["tasks"].end(), [](const Json& task) {
    return task.is_object() && task.value("name", Json()).is_string() &&
           (!task.contains("depends") || task["depends"].is_string());
  });
}

Json* graph_of(Json& spec) {
  if (!spec.is_object() || !spec.contains("templates") || !spec["templates"].is_array()) return nullptr;
  const auto found = std::find_if(spec["templates"].begin(), spec["templates"].end(), is_graph);
  return found == spec["templates"].end() ? nullptr : &(*found)["dag"];
}

tl::unexpected<Error> foreign() {
  return fail(ErrorKind::failed, "the WorkflowTemplate on the cluster is not as liminal makes it",
              "deploy the pipeline again");
}

Result<Json> parameters(const Json& spec, const std::map<std::string, std::string>& given) {
  std::vector<std::string> known;
  if (const auto arguments = spec.find("arguments"); arguments != spec.end() && arguments->is_object()) {
    for (const Json& one : arguments->value("parameters", Json::array())) {
      if (one.is_object() && one.value("name", Json()).is_string()) known.push_back(one["name"].get<std::string>());
    }
  }
  Json list = Json::array();
  for (const auto& [name, value] : given) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return fail(ErrorKind::usage, fmt::format("the deployed pipeline takes no parameter {}", name),
                  known.empty() ? "it takes none: a run-time variable that a task names as {{ NAME }} becomes one"
                                : fmt::format("its parameters: {}", fmt::join(known, ", ")));
    }
    list.push_back({{"name", name}, {"value", value}});
  }
  return list;
}

void set_parameters(Json& spec, const Json& given) {
  if (given.empty()) return;
  Json& list = spec["arguments"]["parameters"];
  for (const Json& one : given) {
    const auto same =
        std::find_if(list.begin(), list.end(), [&](const Json& other) { return other["name"] == one["name"]; });
    if (same == list.end()) {
      list.push_back(one);
    } else {
      *same = one;
    }
  }
}

}  // namespace

std::string argo_name(const model::Pipeline& pipeline) {
  return kubernetes_name(pipeline.name, name_limit);
}

std::string argo_name(const model::Task& task) {
  std::string name = kubernetes_name(task.name);
  if (std::isdigit(static_cast<unsigned char>(name.front())) == 0) return name;
  // Argo takes no digit there where a task waits for others. A slash is in no task's name, so that two never meet.
  return kubernetes_name("task/" + task.name);
}

Result<ArgoGraph> argo_graph(const Json& workflow_template) {
  Json spec = workflow_template.is_object() ? workflow_template.value("spec", Json()) : Json();
  const Json* dag = graph_of(spec);
  if (dag == nullptr) return foreign();
  ArgoGraph graph;
  for (const Json& task : dag->at("tasks")) {
    std::set<std::string>& before = graph[task.at("name").get<std::string>()];
    const std::string depends = task.value("depends", "");
    for (const std::string_view clause : clauses(depends)) before.insert(task_of(clause));
  }
  return graph;
}

Result<Json> argo_workflow(const Json& workflow_template, const ArgoSubmission& submission) {
  const auto metadata = workflow_template.find("metadata");
  const auto deployed = workflow_template.find("spec");
  if (metadata == workflow_template.end() || deployed == workflow_template.end() || !metadata->is_object() ||
      !deployed->is_object() || !metadata->value("name", Json()).is_string())
    return foreign();
  const auto given = parameters(*deployed, submission.params);
  if (!given) return tl::unexpected(given.error());
  const std::string name = (*metadata)["name"].get<std::string>();
  Json spec;
  if (submission.left_out.empty()) {
    spec = {{"workflowTemplateRef", {{"name", name}}}};
  } else {
    spec = *deployed;
    Json* graph = graph_of(spec);
    if (graph == nullptr) return foreign();
    *graph = part_of(*graph, submission.left_out);
  }
  set_parameters(spec, *given);
  // As `argo submit --from` has it: what lists the runs of a template asks for it.
  Json labels = {{"workflows.argoproj.io/workflow-template", name}};
  // Those of the deploy's own set are left out: a run is no part of what is deployed, and is not pruned with it.
  const Json deployed_labels = metadata->value("labels", Json::object());
  for (const auto& [key, value] : deployed_labels.items()) {
    if (key.starts_with("app.kubernetes.io/")) labels[key] = value;
  }
  return Json{{"apiVersion", "argoproj.io/v1alpha1"},
              {"kind", "Workflow"},
              {"metadata",
               {{"name", submission.name},
                {"namespace", metadata->value("namespace", Json("default"))},
                {"labels", std::move(labels)},
                {"annotations", {{argo_scheduled_time, fmt::format("{:%FT%TZ}", utc(submission.logical_date))}}}}},
              {"spec", std::move(spec)}};
}

}  // namespace liminal::engine
