#include "preflight.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "image_check.hpp"
#include "place.hpp"
#include "quota_check.hpp"

namespace liminal::deploy {

namespace {

struct Right {
  std::string verb;
  const kube::ResourceType* type = nullptr;
  std::string namespace_name;

  friend bool operator<(const Right& a, const Right& b) {
    return std::tie(a.type, a.namespace_name, a.verb) < std::tie(b.type, b.namespace_name, b.verb);
  }
};

// What carrying out the plan asks of the server.
std::set<Right> rights_for(const SetPlan& plan) {
  std::set<Right> rights;
  const auto need = [&](const kube::Reference& reference, std::initializer_list<const char*> verbs) {
    for (const char* verb : verbs) rights.insert({verb, reference.type, reference.namespace_name});
  };
  const std::string& home = plan.set.namespace_name;
  need({kube::find_resource_type("coordination.k8s.io/v1", "Lease"), home, ""}, {"get", "create", "update"});
  need({kube::find_resource_type("v1", "ConfigMap"), home, ""}, {"create", "update", "patch"});
  for (const ObjectChange& change : plan.changes) {
    if (change.action == Action::create) need(change.reference, {"get", "create", "patch"});
    if (change.action == Action::update) need(change.reference, {"patch"});
    if (change.action == Action::replace) need(change.reference, {"get", "create", "patch", "delete"});
    if (change.action == Action::remove) need(change.reference, {"delete"});
    if (change.action == Action::remove && change.reference.type->kind == "CronWorkflow")
      need(change.reference, {"patch"});
  }
  return rights;
}

kube::Call question(const Right& right) {
  kube::Call call;
  call.verb = kube::Verb::create;
  call.target = {kube::find_resource_type("authorization.k8s.io/v1", "SelfSubjectAccessReview"), "", ""};
  Json attributes = {{"verb", right.verb}, {"group", right.type->group}, {"resource", right.type->plural}};
  if (!right.namespace_name.empty()) attributes["namespace"] = right.namespace_name;
  call.body = {{"apiVersion", "authorization.k8s.io/v1"},
               {"kind", "SelfSubjectAccessReview"},
               {"spec", {{"resourceAttributes", std::move(attributes)}}}};
  return call;
}

Error missing_right(const Right& right) {
  const std::string group = right.type->group.empty() ? "" : fmt::format(".{}", right.type->group);
  const std::string where =
      right.namespace_name.empty() ? "in the cluster" : fmt::format("in namespace {}", right.namespace_name);
  return {ErrorKind::unavailable,
          fmt::format("this user may not {} {}{} {}", right.verb, right.type->plural, group, where),
          "ask for a role that allows it; `kubectl auth can-i --list` shows what this user may do, and `deploy` needs "
          "what its page lists (Rights)",
          {},
          {},
          false};
}

Error missing_namespace(const std::string& name) {
  return {ErrorKind::unavailable,
          "there is no namespace " + name,
          fmt::format("make it (kubectl create namespace {}), or name another with --namespace", name),
          {},
          {},
          false};
}

Error ending_namespace(const std::string& name) {
  return {ErrorKind::unavailable,
          fmt::format("namespace {} is being deleted", name),
          "wait until it is gone and make it anew, or name another with --namespace",
          {},
          {},
          false};
}

// The secrets that pods pull images with, each with an object that names it.
using PullSecrets = std::map<kube::Reference, const DesiredObject*>;

void collect_pull_secrets(const Json& json, const DesiredObject& object, PullSecrets& secrets) {
  if (!json.is_structured()) return;
  if (const Json* named = find_member(json, {"imagePullSecrets"}); named != nullptr && named->is_array()) {
    for (const Json& one : *named) {
      const std::string name = text_at(one, {"name"});
      if (!name.empty())
        secrets.try_emplace({kube::find_resource_type("v1", "Secret"), object.reference.namespace_name, name}, &object);
    }
  }
  for (const Json& below : json) collect_pull_secrets(below, object, secrets);
}

// But for those that the sets make themselves.
PullSecrets pull_secrets_of(const std::vector<SetPlan>& plans) {
  PullSecrets secrets;
  for (const SetPlan& plan : plans) {
    for (const DesiredObject& object : plan.set.objects) {
      collect_pull_secrets(object.object, object, secrets);
      for (const kube::Reference& secret : object.pull_secrets) secrets.try_emplace(secret, &object);
    }
  }
  for (const SetPlan& plan : plans) {
    for (const DesiredObject& object : plan.set.objects) secrets.erase(object.reference);
  }
  return secrets;
}

Error missing_pull_secret(const kube::Reference& secret, const DesiredObject& user) {
  return placed({ErrorKind::unavailable,
                 fmt::format("there is no {}, which {} pulls its images with", secret.text(), user.reference.text()),
                 fmt::format("make it (kubectl create secret docker-registry {} --namespace {}), or leave it out",
                             secret.name, secret.namespace_name),
                 {},
                 {},
                 false},
                user);
}

std::set<std::string> namespaces_of(const std::vector<SetPlan>& plans) {
  std::set<std::string> names;
  for (const SetPlan& plan : plans) {
    names.insert(plan.set.namespace_name);
    for (const DesiredObject& object : plan.set.objects) {
      if (!object.reference.namespace_name.empty()) names.insert(object.reference.namespace_name);
    }
  }
  return names;
}

}  // namespace

Result<Preflight> preflight(const World& world, kube::Client& client, const std::vector<SetPlan>& plans,
                            const Options& options, Rights asked) {
  std::set<Right> all;
  for (const SetPlan& plan : plans) {
    if (asked == Rights::asked) all.merge(rights_for(plan));
  }
  const std::vector<Right> rights(all.begin(), all.end());
  const std::set<std::string> names = namespaces_of(plans);
  const PullSecrets secrets = pull_secrets_of(plans);
  std::vector<kube::Call> calls;
  calls.reserve(names.size() + rights.size() + secrets.size() + names.size());
  for (const std::string& name : names) {
    kube::Call get;
    get.target = {kube::find_resource_type("v1", "Namespace"), "", name};
    calls.push_back(std::move(get));
  }
  std::transform(rights.begin(), rights.end(), std::back_inserter(calls), question);
  for (const auto& [secret, unused] : secrets) {
    kube::Call get;
    get.target = secret;
    get.metadata_only = true;
    calls.push_back(std::move(get));
  }
  for (const std::string& name : names) {
    kube::Call list;
    list.verb = kube::Verb::list;
    list.target = {kube::find_resource_type("v1", "ResourceQuota"), name, ""};
    calls.push_back(std::move(list));
  }
  auto answers = client.call_all(calls);
  Preflight result;
  std::vector<Error>& missing = result.missing;
  std::set<std::string> absent;
  auto answer = answers.begin();
  for (const std::string& name : names) {
    if (!*answer) return tl::unexpected(std::move(answer->error()));
    // Who may not look at namespaces finds out by the first object.
    if ((*answer)->not_found()) {
      missing.push_back(missing_namespace(name));
      absent.insert(name);
    } else if (text_at((*answer)->body, {"status", "phase"}) == "Terminating") {
      missing.push_back(ending_namespace(name));
    }
    ++answer;
  }
  for (const Right& right : rights) {
    if (!*answer) return tl::unexpected(std::move(answer->error()));
    const Json* allowed = find_member((*answer)->body, {"status", "allowed"});
    // A server that does not answer such questions answers by the request itself.
    if ((*answer)->ok() && allowed != nullptr && *allowed == false) missing.push_back(missing_right(right));
    ++answer;
  }
  for (const auto& [secret, user] : secrets) {
    if (!*answer) return tl::unexpected(std::move(answer->error()));
    // Who may not look at secrets hears of it when a pod pulls.
    if ((*answer)->not_found() && !absent.contains(secret.namespace_name))
      missing.push_back(missing_pull_secret(secret, *user));
    ++answer;
  }
  std::vector<Json> quotas;
  for (; answer != answers.end(); ++answer) {
    // Who may not look at quotas hears of them when one is exceeded.
    const Json* items = *answer && (*answer)->ok() ? find_member((*answer)->body, {"items"}) : nullptr;
    if (items != nullptr && items->is_array()) quotas.insert(quotas.end(), items->begin(), items->end());
  }
  CheckedQuotas checked = check_quotas(plans, quotas);
  std::move(checked.exceeded.begin(), checked.exceeded.end(), std::back_inserter(missing));
  result.notes = std::move(checked.notes);
  if (options.registries) {
    CheckedImages images = check_images(world, *options.registries, plans);
    std::move(images.missing.begin(), images.missing.end(), std::back_inserter(missing));
    for (auto& [registry, note] : images.notes) result.notes.push_back(std::move(note));
  }
  return result;
}

}  // namespace liminal::deploy
