#include "live_set.hpp"

#include <algorithm>
#include <array>

#include "history.hpp"

namespace liminal::deploy {

namespace {

struct KindName {
  std::string_view api_version;
  std::string_view kind;
};

// All that a deploy can make: earlier ones may have made what the set no longer wants.
constexpr std::array<KindName, 8> kinds{{{"v1", "ConfigMap"},
                                         {"v1", "Secret"},
                                         {"v1", "PersistentVolume"},
                                         {"v1", "PersistentVolumeClaim"},
                                         {"v1", "Service"},
                                         {"apps/v1", "Deployment"},
                                         {"argoproj.io/v1alpha1", "WorkflowTemplate"},
                                         {"argoproj.io/v1alpha1", "CronWorkflow"}}};

bool is_deployed(const kube::ResourceType& type) {
  return std::any_of(kinds.begin(), kinds.end(), [&](const KindName& known) {
    return known.kind == type.kind && known.api_version == type.api_version();
  });
}

std::set<std::string> namespaces_of(const DesiredSet& set) {
  std::set<std::string> result{set.namespace_name};
  for (const DesiredObject& object : set.objects) {
    if (!object.reference.namespace_name.empty()) result.insert(object.reference.namespace_name);
  }
  return result;
}

bool wants(const DesiredSet& set, const kube::ResourceType* type) {
  return std::any_of(set.objects.begin(), set.objects.end(),
                     [&](const DesiredObject& object) { return object.reference.type == type; });
}

std::vector<kube::Call> list_calls(const DesiredSet& set, const std::set<std::string>& namespaces) {
  std::vector<kube::Call> calls;
  const auto add = [&](const kube::ResourceType* type, const std::string& namespace_name) {
    kube::Call call;
    call.verb = kube::Verb::list;
    call.target = {type, namespace_name, ""};
    call.query["labelSelector"] = set_selector(set);
    calls.push_back(std::move(call));
  };
  for (const KindName& kind : kinds) {
    const kube::ResourceType* type = kube::find_resource_type(kind.api_version, kind.kind);
    if (!type->namespaced)
      add(type, "");
    else
      for (const std::string& namespace_name : namespaces) add(type, namespace_name);
  }
  return calls;
}

Error missing_kind(const kube::ResourceType& type) {
  return {ErrorKind::unavailable,
          "the cluster has no " + std::string(type.kind) + " (" + type.api_version() + ")",
          "install Argo Workflows and its full definitions there, or deploy with `--engine airflow`",
          {},
          {},
          false};
}

class Reader {
 public:
  Reader(kube::Client& client, const DesiredSet& set) : client_(client), set_(set) {}

  Result<LiveSet> read() {
    if (auto listed = list(namespaces_of(set_)); !listed) return tl::unexpected(std::move(listed.error()));
    // Namespaces that only earlier deploys used.
    std::set<std::string> more;
    for (const auto& [reference, unused] : live_.inventory.uids) {
      if (!reference.namespace_name.empty() && !namespaces_of(set_).contains(reference.namespace_name))
        more.insert(reference.namespace_name);
    }
    if (!more.empty()) {
      if (auto listed = list(more); !listed) return tl::unexpected(std::move(listed.error()));
    }
    if (auto readable = check_record(); !readable) return tl::unexpected(std::move(readable.error()));
    if (auto numbered = go_on_numbering(); !numbered) return tl::unexpected(std::move(numbered.error()));
    if (auto looked = look_for_strangers(); !looked) return tl::unexpected(std::move(looked.error()));
    return std::move(live_);
  }

 private:
  Status list(const std::set<std::string>& namespaces) {
    const std::vector<kube::Call> calls = list_calls(set_, namespaces);
    auto answers = client_.call_all(calls);
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (!answers[i]) return tl::unexpected(std::move(answers[i].error()));
      if (auto taken = take(calls[i], *answers[i]); !taken) return taken;
    }
    return check_forbidden();
  }

  // All at once.
  Status check_forbidden() {
    if (forbidden_.empty()) return {};
    Error error = std::move(forbidden_.front());
    for (std::size_t i = 1; i < forbidden_.size(); ++i) error.causes.push_back(forbidden_[i].message);
    return tl::unexpected(std::move(error));
  }

  Status take(const kube::Call& call, const kube::Answer& answer) {
    const kube::ResourceType* type = call.target.type;
    if (!answer.ok()) {
      // The record is a ConfigMap: without it nothing is known to be the set's.
      const bool needed = wants(set_, type) || type->kind == "ConfigMap";
      if (!needed && answer.not_found()) return {};
      if (!needed && answer.code == 403) {
        unreadable_.emplace(type, kube::refusal("list", call.target, answer));
        return {};
      }
      if (answer.not_found()) return tl::unexpected(missing_kind(*type));
      Error refused = kube::refusal("list", call.target, answer);
      if (answer.code != 403) return tl::unexpected(std::move(refused));
      forbidden_.push_back(std::move(refused));
      return {};
    }
    const Json* items = find_member(answer.body, {"items"});
    if (items == nullptr || !items->is_array()) return {};
    for (const Json& item : *items) {
      // Items of a list do not say what they are.
      Json object = item;
      object["apiVersion"] = type->api_version();
      object["kind"] = type->kind;
      const kube::Reference reference = kube::reference_of(object);
      if (type->kind == "ConfigMap" && reference.name == set_.parent_name() &&
          reference.namespace_name == set_.namespace_name) {
        auto inventory = Inventory::read(object, set_);
        if (!inventory) return tl::unexpected(std::move(inventory.error()));
        live_.inventory = std::move(*inventory);
      } else if (label_of(object, part_of_label) == set_.id()) {
        live_.members[reference] = std::move(object);
      }
    }
    return {};
  }

  // What may not be looked at cannot be told from what is gone.
  Status check_record() const {
    const auto check = [&](const kube::Reference& reference) -> Status {
      const auto found = unreadable_.find(reference.type);
      if (found == unreadable_.end()) return {};
      Error error = found->second;
      return tl::unexpected(std::move(error).wrap(reference.text() + " is on record and may not be looked at"));
    };
    for (const auto& [reference, uid] : live_.inventory.uids) {
      if (auto readable = check(reference); !readable) return readable;
    }
    if (!live_.inventory.pending) return {};
    for (const kube::Reference& reference : live_.inventory.pending->objects) {
      if (auto readable = check(reference); !readable) return readable;
    }
    return {};
  }

  // Where the record was deleted, those of single deploys may be left.
  Status go_on_numbering() {
    if (!live_.inventory.resource_version.empty()) return {};
    const auto history = read_history(client_, set_);
    if (!history) return tl::unexpected(history.error());
    if (!history->empty()) live_.inventory.revision = history->front().number;
    return {};
  }

  // Of each object that would be new: whether others have one of its name. Of each on record that is not among the
  // members: whether it is there without their labels.
  Status look_for_strangers() {
    std::vector<kube::Call> calls;
    for (const DesiredObject& object : set_.objects) {
      if (live_.members.contains(object.reference)) continue;
      kube::Call call;
      call.target = object.reference;
      calls.push_back(std::move(call));
    }
    const std::size_t wanted = calls.size();
    for (const auto& [reference, unused] : live_.inventory.uids) {
      const auto same = [&name = reference](const DesiredObject& object) { return object.reference == name; };
      if (live_.members.contains(reference) || std::any_of(set_.objects.begin(), set_.objects.end(), same)) continue;
      kube::Call call;
      call.target = reference;
      calls.push_back(std::move(call));
    }
    auto answers = client_.call_all(calls);
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (!answers[i]) return tl::unexpected(std::move(answers[i].error()));
      if (answers[i]->not_found()) {
        if (i >= wanted) live_.inventory.uids.erase(calls[i].target);
        continue;
      }
      if (i >= wanted) {
        if (answers[i]->ok()) live_.unlabelled[calls[i].target] = std::move(answers[i]->body);
        continue;
      }
      if (answers[i]->code == 403) {
        forbidden_.push_back(kube::refusal("get", calls[i].target, *answers[i]));
        continue;
      }
      if (!answers[i]->ok()) return tl::unexpected(kube::refusal("get", calls[i].target, *answers[i]));
      // Made between the two looks, by a deploy that goes on.
      auto& found = label_of(answers[i]->body, part_of_label) == set_.id() ? live_.members : live_.strangers;
      found[calls[i].target] = std::move(answers[i]->body);
    }
    return check_forbidden();
  }

  kube::Client& client_;
  const DesiredSet& set_;
  LiveSet live_;
  std::vector<Error> forbidden_;                           // what has to be read and may not be
  std::map<const kube::ResourceType*, Error> unreadable_;  // kinds this user may not list, and the set does not need
};

}  // namespace

bool may_be_of(const DesiredSet& set, const DesiredObject& object) {
  const kube::Reference& reference = object.reference;
  if (reference.type == nullptr || !is_deployed(*reference.type) || reference.name.empty()) return false;
  if (label_of(object.object, part_of_label) != set.id()) return false;
  if (!reference.type->namespaced) return reference.namespace_name.empty();
  // A volume may name the namespace of its claim.
  return reference.namespace_name == set.namespace_name ||
         (reference.type->kind == "PersistentVolumeClaim" && !reference.namespace_name.empty());
}

Result<LiveSet> read_live(kube::Client& client, const DesiredSet& set) {
  return Reader(client, set).read();
}

}  // namespace liminal::deploy
