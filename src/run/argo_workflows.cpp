#include "argo_workflows.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "liminal/engine/engine.hpp"

namespace liminal::run {

namespace {

// As `argo submit --from` and the controller of CronWorkflows mark them.
constexpr const char* template_label = "workflows.argoproj.io/workflow-template";
constexpr const char* cron_label = "workflows.argoproj.io/cron-workflow";

// RFC 3339 in UTC sorts as text.
std::string created(const Json& object) {
  return text_of(object, Json::json_pointer("/metadata/creationTimestamp"));
}

}  // namespace

const kube::ResourceType* argo_type(std::string_view kind) {
  return kube::find_resource_type("argoproj.io/v1alpha1", kind);
}

std::string text_of(const Json& object, const Json::json_pointer& place) {
  return object.contains(place) && object[place].is_string() ? object[place].get<std::string>() : std::string();
}

std::string label(const Json& object, std::string_view name) {
  return text_of(object, Json::json_pointer("/metadata/labels") / std::string(name));
}

std::string annotation(const Json& object, std::string_view name) {
  return text_of(object, Json::json_pointer("/metadata/annotations") / std::string(name));
}

std::string name_of(const Json& object) {
  return text_of(object, Json::json_pointer("/metadata/name"));
}

std::string template_of(const Json& workflow) {
  std::string name = label(workflow, template_label);
  return name.empty() ? label(workflow, cron_label) : name;
}

bool is_of_another(const Json& object, const model::System& system) {
  const std::string owner = label(object, system_label);
  return !owner.empty() && owner != engine::kubernetes_name(system.name);
}

Result<std::vector<Json>> list_workflows(kube::Client& client, const std::string& namespace_name,
                                         const std::vector<std::string>& templates) {
  std::vector<kube::Call> calls;
  for (const char* marked : {template_label, cron_label}) {
    kube::Call& call = calls.emplace_back();
    call.verb = kube::Verb::list;
    call.target = {argo_type("Workflow"), namespace_name, ""};
    call.metadata_only = true;
    call.query["labelSelector"] = fmt::format("{} in ({})", marked, fmt::join(templates, ","));
  }
  std::vector<Json> all;
  for (auto& answer : client.call_all(calls)) {
    if (!answer) return tl::unexpected(std::move(answer.error()));
    if (answer->not_found()) continue;  // no Argo here
    if (!answer->ok()) return tl::unexpected(kube::refusal("list", calls.front().target, *answer));
    Json items = answer->body.value("items", Json::array());
    std::move(items.begin(), items.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(), [](const Json& a, const Json& b) {
    return std::pair(created(b), name_of(a)) < std::pair(created(a), name_of(b));
  });
  const auto same = [](const Json& a, const Json& b) { return name_of(a) == name_of(b); };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

}  // namespace liminal::run
