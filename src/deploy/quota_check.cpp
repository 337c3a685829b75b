#include "quota_check.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "liminal/kube/quantity.hpp"

#include "place.hpp"

namespace liminal::deploy {

namespace {

constexpr std::size_t most_names = 5;  // in a message

// What a deploy needs of one resource of a quota, in one namespace.
struct Need {
  long double amount = 0;
  std::vector<std::string> objects;      // that it is for
  const DesiredObject* first = nullptr;  // of these; null: the deploy's own record
};

using Needs = std::map<std::string, Need>;  // by resource, as quotas name it

struct NamespaceNeeds {
  Needs objects;  // refused when they are made
  Needs pods;     // refused afterwards
};

long double amount_at(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* value = find_member(json, path);
  return value == nullptr ? 0 : kube::quantity_of(*value).value_or(0);
}

void add(Needs& needs, const std::string& resource, long double amount, const std::string& name,
         const DesiredObject* object) {
  if (amount <= 0) return;
  Need& need = needs[resource];
  need.amount += amount;
  need.objects.push_back(name);
  if (need.first == nullptr) need.first = object;
}

// As quotas count objects of any kind: count/deployments.apps, and some kinds by a name of their own.
void add_object(Needs& needs, const kube::ResourceType& type, const std::string& name, const DesiredObject* object) {
  const std::string group = type.group.empty() ? "" : fmt::format(".{}", type.group);
  add(needs, fmt::format("count/{}{}", type.plural, group), 1, name, object);
  constexpr std::array<std::string_view, 4> named{"configmaps", "secrets", "services", "persistentvolumeclaims"};
  if (std::find(named.begin(), named.end(), type.plural) != named.end())
    add(needs, std::string(type.plural), 1, name, object);
}

void add_storage(Needs& needs, const DesiredObject& claim, long double amount) {
  const std::string name = claim.reference.text();
  add(needs, "requests.storage", amount, name, &claim);
  const std::string storage_class = text_at(claim.object, {"spec", "storageClassName"});
  if (!storage_class.empty())
    add(needs, storage_class + ".storageclass.storage.k8s.io/requests.storage", amount, name, &claim);
}

// What one pod asks for; what is limited and not requested is requested to the limit.
std::map<std::string, long double> of_pod(const DesiredObject& deployment) {
  std::map<std::string, long double> result{{"pods", 1}, {"count/pods", 1}};
  const Json* containers = find_member(deployment.object, {"spec", "template", "spec", "containers"});
  if (containers == nullptr || !containers->is_array()) return result;
  for (const Json& container : *containers) {
    for (const std::string_view resource : {"cpu", "memory", "ephemeral-storage"}) {
      const long double limit = amount_at(container, {"resources", "limits", resource});
      const Json* asked = find_member(container, {"resources", "requests", resource});
      const long double request = asked == nullptr ? limit : kube::quantity_of(*asked).value_or(0);
      result[fmt::format("limits.{}", resource)] += limit;
      result[fmt::format("requests.{}", resource)] += request;
      result[std::string(resource)] += request;
    }
  }
  return result;
}

// Of a Deployment that changes, one pod more than there are runs meanwhile (maxSurge).
void add_pods(Needs& needs, const DesiredObject& deployment, const ObjectChange& change) {
  const Json* replicas = find_member(deployment.object, {"spec", "replicas"});
  long double count = replicas != nullptr && replicas->is_number_integer() ? replicas->get<int>() : 1;
  if (change.action == Action::update) {
    const bool new_pods = std::any_of(change.fields.begin(), change.fields.end(), [](const kube::FieldChange& field) {
      return field.path.starts_with(".spec.template");
    });
    count = new_pods ? 1 : 0;
    for (const kube::FieldChange& field : change.fields) {
      if (field.path == ".spec.replicas" && field.before.is_number_integer() && field.after.is_number_integer())
        count += std::max(0, field.after.get<int>() - field.before.get<int>());
    }
  }
  for (const auto& [resource, amount] : of_pod(deployment))
    add(needs, resource, amount * count, deployment.reference.text(), &deployment);
}

void add_created(NamespaceNeeds& needs, const DesiredObject& object) {
  const kube::ResourceType& type = *object.reference.type;
  add_object(needs.objects, type, object.reference.text(), &object);
  if (type.kind != "PersistentVolumeClaim") return;
  add_storage(needs.objects, object, amount_at(object.object, {"spec", "resources", "requests", "storage"}));
  const std::string storage_class = text_at(object.object, {"spec", "storageClassName"});
  if (!storage_class.empty())
    add(needs.objects, storage_class + ".storageclass.storage.k8s.io/persistentvolumeclaims", 1,
        object.reference.text(), &object);
}

// The record of the set, where there is none yet, and that of this deploy.
void add_records(NamespaceNeeds& needs, const SetPlan& plan) {
  const kube::ResourceType& type = *kube::find_resource_type("v1", "ConfigMap");
  if (plan.revision == 0 && !plan.unfinished)
    add_object(needs.objects, type, "configmap/" + plan.set.parent_name() + " (the record)", nullptr);
  add_object(needs.objects, type,
             fmt::format("configmap/{}.{} (the record)", plan.set.parent_name(), plan.revision + 1), nullptr);
}

std::map<std::string, NamespaceNeeds> needs_of(const std::vector<SetPlan>& plans) {
  std::map<std::string, NamespaceNeeds> result;
  for (const SetPlan& plan : plans) {
    if (plan.has_changes()) add_records(result[plan.set.namespace_name], plan);
    for (const ObjectChange& change : plan.changes) {
      if (change.action != Action::create && change.action != Action::update) continue;
      const DesiredObject& object = plan.set.objects[change.desired];
      if (object.reference.namespace_name.empty()) continue;
      NamespaceNeeds& needs = result[object.reference.namespace_name];
      if (change.action == Action::create) add_created(needs, object);
      if (object.reference.type->kind == "Deployment") add_pods(needs.pods, object, change);
    }
  }
  return result;
}

bool has_scopes(const Json& quota) {
  const Json* scopes = find_member(quota, {"spec", "scopes"});
  const Json* selector = find_member(quota, {"spec", "scopeSelector"});
  return (scopes != nullptr && !scopes->empty()) || (selector != nullptr && !selector->empty());
}

std::string amount_text(const std::string& resource, long double amount) {
  const auto value = static_cast<double>(amount);
  if (resource.ends_with("cpu")) {
    const double thousandths = value * 1000;
    return thousandths == static_cast<double>(static_cast<long long>(value)) * 1000
               ? fmt::format("{:.0f}", value)
               : fmt::format("{:.0f}m", thousandths);
  }
  if (!resource.ends_with("storage") && !resource.ends_with("memory")) return fmt::format("{:.0f}", value);
  constexpr std::array<std::string_view, 5> units{"", "Ki", "Mi", "Gi", "Ti"};
  std::size_t unit = 0;
  double shown = value;
  for (; shown >= 1024 && unit + 1 < units.size(); ++unit) shown /= 1024;
  return fmt::format("{:.4g}{}", shown, units.at(unit));
}

std::string names_text(const Need& need) {
  std::vector<std::string> names = need.objects;
  if (names.size() > most_names) {
    names.resize(most_names);
    names.push_back(fmt::format("{} more", need.objects.size() - most_names));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

class Check {
 public:
  Check(const Json& quota, CheckedQuotas& result) : quota_(quota), result_(result) {}

  void objects(const Needs& needs) {
    for (const auto& [resource, need] : needs) {
      const auto [hard, left] = room(resource);
      if (hard && need.amount > left) exceeded(resource, need, *hard, left, "the deploy needs");
    }
  }

  void pods(const Needs& needs) {
    for (const auto& [resource, need] : needs) {
      const auto [hard, left] = room(resource);
      if (!hard || need.amount <= left) continue;
      if (need.amount > *hard) {
        exceeded(resource, need, *hard, left, "the pods need");
      } else {
        result_.notes.push_back(text(resource, need, *hard, left, "the pods need") +
                                ": until others end, some of them are not made");
      }
    }
  }

 private:
  struct Room {
    std::optional<long double> hard;
    long double left = 0;
  };

  // Of what the cluster enforces by now.
  [[nodiscard]] Room room(const std::string& resource) const {
    const Json* hard = find_member(quota_, {"status", "hard", resource});
    const auto most = hard == nullptr ? std::nullopt : kube::quantity_of(*hard);
    if (!most) return {};
    return {most, std::max(0.0L, *most - amount_at(quota_, {"status", "used", resource}))};
  }

  [[nodiscard]] std::string text(const std::string& resource, const Need& need, long double hard, long double left,
                                 std::string_view who) const {
    return fmt::format("resourcequota/{} of namespace {} leaves {} of {} {}, and {} {}: {}",
                       text_at(quota_, {"metadata", "name"}), text_at(quota_, {"metadata", "namespace"}),
                       amount_text(resource, left), amount_text(resource, hard), resource, who,
                       amount_text(resource, need.amount), names_text(need));
  }

  void exceeded(const std::string& resource, const Need& need, long double hard, long double left,
                std::string_view who) {
    Error error;
    error.kind = ErrorKind::unavailable;
    error.message = text(resource, need, hard, left, who);
    error.advice = "ask whoever runs the cluster for a larger quota, need less, or delete what is no longer used there";
    result_.exceeded.push_back(need.first == nullptr ? std::move(error) : placed(std::move(error), *need.first));
  }

  const Json& quota_;
  CheckedQuotas& result_;
};

}  // namespace

CheckedQuotas check_quotas(const std::vector<SetPlan>& plans, const std::vector<Json>& quotas) {
  CheckedQuotas result;
  const auto needs = needs_of(plans);
  for (const Json& quota : quotas) {
    const auto found = needs.find(text_at(quota, {"metadata", "namespace"}));
    if (found == needs.end() || has_scopes(quota)) continue;
    Check check(quota, result);
    check.objects(found->second.objects);
    check.pods(found->second.pods);
  }
  return result;
}

}  // namespace liminal::deploy
