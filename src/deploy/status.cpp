#include "liminal/deploy/status.hpp"

#include <algorithm>

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

// The record has no values: what can be told is whether it is there, and whether another has written it since.
void add_secret(DesiredObject secret, const LiveSet& live, SetPlan& drift) {
  ObjectChange change;
  change.reference = secret.reference;
  change.desired = drift.set.objects.size();
  const auto found = live.members.find(secret.reference);
  const auto stranger = live.strangers.find(secret.reference);
  if (stranger != live.strangers.end()) {
    change.action = Action::update;
    change.note = whose(stranger->second);
  } else if (found == live.members.end()) {
    change.action = Action::create;
    change.note = "is gone";
  } else {
    const Json* value = find_member(found->second, {"data", "credentials"});
    secret.object["data"]["credentials"] = value == nullptr ? Json("") : *value;
    for (const kube::SeenField& field : kube::seen_fields(secret.object, found->second, kube::field_manager)) {
      const bool ours = std::any_of(field.owners.begin(), field.owners.end(),
                                    [](const auto& owner) { return owner.manager == kube::field_manager; });
      if (field.path != ".data.credentials" || ours) continue;
      change.action = Action::update;
      change.note = field.owners.empty() ? std::string("was written by another since")
                                         : fmt::format("was written by {}", owners_text(field.owners));
    }
  }
  drift.set.objects.push_back(std::move(secret));
  drift.changes.push_back(std::move(change));
}

Result<SetStatus> status_of(kube::Client& client, DesiredSet set) {
  auto history = read_history(client, set);
  if (!history) return tl::unexpected(std::move(history.error()));
  SetStatus status;
  std::vector<DesiredObject> secrets;
  if (!history->empty()) {
    auto recorded = read_objects(client, set, history->front().number);
    if (!recorded) return tl::unexpected(std::move(recorded.error()));
    secrets = recorded->secrets_without_values;
    set = std::move(*recorded);
    status.last = std::move(history->front());
  }
  DesiredSet all = set;
  all.objects.insert(all.objects.end(), secrets.begin(), secrets.end());
  const auto live = read_live(client, all);
  if (!live) return tl::unexpected(live.error());
  status.services = services_of(client, set, *live);
  Options options;
  options.keep_secrets = true;
  options.compare_only = true;
  status.drift = plan_changes(std::move(set), *live, options);
  for (DesiredObject& secret : secrets) add_secret(std::move(secret), *live, status.drift);
  return status;
}

}  // namespace

Status check_namespace(kube::Client& client, const std::string& name) {
  kube::Call get;
  get.target = {kube::find_resource_type("v1", "Namespace"), "", name};
  const auto answer = client.call(get);
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->not_found()) return {};
  return fail(ErrorKind::unavailable, "there is no namespace " + name, "name another with --namespace");
}

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
