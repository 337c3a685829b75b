#include "liminal/deploy/status.hpp"

#include <fmt/format.h>

#include "changes.hpp"
#include "history.hpp"
#include "readiness.hpp"

namespace liminal::deploy {

namespace {

// Without the right to look at pods there are fewer reasons, and that is all.
std::vector<Json> pods_of(kube::Client& client, const DesiredSet& set) {
  kube::Call call;
  call.verb = kube::Verb::list;
  call.target = {kube::find_resource_type("v1", "Pod"), set.namespace_name, ""};
  call.query["labelSelector"] = "app.kubernetes.io/managed-by=liminal";
  const auto answer = client.call(call);
  const Json* items = answer && answer->ok() ? find_member(answer->body, {"items"}) : nullptr;
  return items != nullptr && items->is_array() ? std::vector<Json>(items->begin(), items->end()) : std::vector<Json>();
}

std::vector<ServiceStatus> services_of(kube::Client& client, const DesiredSet& set, const LiveSet& live) {
  std::vector<const Json*> deployments;
  for (const auto& [reference, object] : live.members) {
    if (reference.type->kind == "Deployment") deployments.push_back(&object);
  }
  if (deployments.empty()) return {};
  const std::vector<Json> pods = pods_of(client, set);
  std::vector<ServiceStatus> services;
  for (const Json* deployment : deployments) {
    Readiness readiness = readiness_of(*deployment, pods);
    services.push_back({text_at(*deployment, {"metadata", "name"}), readiness.ready,
                        readiness.ready ? std::string("ready") : std::move(readiness.text)});
  }
  return services;
}

Result<SetStatus> status_of(kube::Client& client, DesiredSet set) {
  auto history = read_history(client, set);
  if (!history) return tl::unexpected(std::move(history.error()));
  SetStatus status;
  if (!history->empty()) {
    auto recorded = read_objects(client, set, history->front().number);
    if (!recorded) return tl::unexpected(std::move(recorded.error()));
    set = std::move(*recorded);
    status.last = std::move(history->front());
  }
  const auto live = read_live(client, set);
  if (!live) return tl::unexpected(live.error());
  status.services = services_of(client, set, *live);
  Options options;
  options.keep_secrets = true;
  options.adopt.insert("system/" + set.system);  // nothing is written
  status.drift = plan_changes(std::move(set), *live, options);
  return status;
}

}  // namespace

Result<std::vector<SetStatus>> read_status(kube::Client& client, std::vector<DesiredSet> sets) {
  std::vector<SetStatus> all;
  for (DesiredSet& set : sets) {
    auto status = status_of(client, std::move(set));
    if (!status) return tl::unexpected(std::move(status.error()));
    all.push_back(std::move(*status));
  }
  return all;
}

}  // namespace liminal::deploy
