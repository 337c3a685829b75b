#include "argo_schedules.hpp"

#include <algorithm>

namespace liminal::deploy {

namespace {

// Anyone who is logged in may read it, unlike the definition itself.
constexpr const char* openapi_path = "/openapi/v3/apis/argoproj.io/v1alpha1";

const Json* list_of(const Json& object) {
  const Json* schedules = find_member(object, {"spec", "schedules"});
  return text_at(object, {"kind"}) == "CronWorkflow" && schedules != nullptr && schedules->size() == 1 ? schedules
                                                                                                       : nullptr;
}

bool is_of_cron_workflows(const Json& schema) {
  const Json* kinds = find_member(schema, {"x-kubernetes-group-version-kind"});
  return kinds != nullptr && kinds->is_array() && std::any_of(kinds->begin(), kinds->end(), [](const Json& kind) {
           return text_at(kind, {"kind"}) == "CronWorkflow";
         });
}

// In the place of the list, so that two renderings differ in nothing else.
void use_single(Json& object) {
  Json spec = Json::object();
  for (const auto& [name, value] : object["spec"].items()) {
    if (name == "schedules") {
      spec["schedule"] = value[0];
    } else {
      spec[name] = value;
    }
  }
  object["spec"] = std::move(spec);
}

}  // namespace

std::optional<bool> knows_schedules(const Json& openapi) {
  const Json* schemas = find_member(openapi, {"components", "schemas"});
  if (schemas == nullptr || !schemas->is_object()) return std::nullopt;
  for (const Json& schema : *schemas) {
    if (!is_of_cron_workflows(schema)) continue;
    const Json* fields = find_member(schema, {"properties", "spec", "properties"});
    if (fields != nullptr && fields->is_object()) return fields->contains("schedules");
  }
  return std::nullopt;
}

void settle_schedules(kube::Client& client, DesiredSet& set, const LiveSet& live) {
  std::optional<bool> known;
  bool asked = false;
  for (DesiredObject& wanted : set.objects) {
    if (list_of(wanted.object) == nullptr) continue;
    const auto found = live.members.find(wanted.reference);
    if (found != live.members.end()) {
      // A server that no longer knows the single one does not show it either.
      const Json* list = find_member(found->second, {"spec", "schedules"});
      if ((list == nullptr || list->empty()) && !text_at(found->second, {"spec", "schedule"}).empty())
        use_single(wanted.object);
      continue;
    }
    if (!asked) {
      asked = true;
      const auto answer = client.get_path(openapi_path);
      if (answer && answer->ok()) known = knows_schedules(answer->body);
    }
    if (known == false) use_single(wanted.object);
  }
}

}  // namespace liminal::deploy
