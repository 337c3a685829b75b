#include "executor_keys.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"

#include "container_text.hpp"
#include "kubernetes_objects.hpp"

namespace liminal::engine {

using document::Value;

Json executor_resources(const Value& value, std::vector<ValueFault>& faults) {
  if (!value.is_mapping()) return kubernetes_json(value, "V1ResourceRequirements", faults);
  Value current = value;
  Json older = Json::object();
  for (const char* kind : {"request", "limit"}) {
    for (const char* what : {"memory", "cpu", "ephemeral_storage"}) {
      const std::string key = std::string(kind) + "_" + what;
      const Value* found = value.find(key);
      if (found == nullptr) continue;
      std::string name = what;
      std::replace(name.begin(), name.end(), '_', '-');
      older[std::string(kind) + "s"][name] = found->text();
      current.erase(key);
    }
  }
  Json result = kubernetes_json(current, "V1ResourceRequirements", faults);
  for (const auto& [kind, amounts] : older.items()) result[kind].update(amounts);
  return result;
}

Json executor_pull_secrets(const Value& value, std::vector<ValueFault>& faults) {
  Json result = Json::array();
  if (value.kind == document::Kind::scalar) {
    const std::string names = value.text();
    for (std::size_t at = 0; at <= names.size();) {
      const std::size_t end = std::min(names.find(',', at), names.size());
      const std::size_t begin = names.find_first_not_of(' ', at);
      if (begin < end)
        result.push_back({{"name", names.substr(begin, names.find_last_not_of(' ', end - 1) - begin + 1)}});
      at = end + 1;
    }
    return result;
  }
  if (!value.is_sequence()) return kubernetes_json(value, "list[V1LocalObjectReference]", faults);
  for (const Value& item : value.items) {
    if (item.is_null()) {
      faults.push_back({item.origin, {}, "an item of the list is empty", "remove it"});
    } else {
      result.push_back(item.kind == document::Kind::scalar ? Json{{"name", item.text()}}
                                                           : kubernetes_json(item, "V1LocalObjectReference", faults));
    }
  }
  return result;
}

Json executor_environment(const Value& value, const model::Task& task, std::vector<ValueFault>& faults) {
  Json all = Json::array();
  if (value.is_mapping()) {
    for (const Value::Member& member : value.members)
      all.push_back({{"name", member.key}, {"value", container_text(member.value.text())}});
  } else {
    all = kubernetes_json(value, "list[V1EnvVar]", faults);
  }
  Json result = Json::array();
  for (Json& one : all) {
    if (!one.is_object() || !one.contains("name")) continue;
    const auto own = std::find_if(task.environment.begin(), task.environment.end(),
                                  [&](const auto& variable) { return one["name"] == variable.name; });
    if (own == task.environment.end()) result.push_back(std::move(one));
  }
  return result;
}

Value without_taken(const Value& value, std::string_view key, const model::Task& task, const model::System& system) {
  if (key != "volumes" && key != "volume_mounts") return value;
  const PodVolumes pod = pod_volumes(system, task.mounts, task.secrets);
  const auto taken = [&](const Json& own, std::string_view member, const Value* text) {
    return text != nullptr && std::any_of(own.begin(), own.end(), [&](const Json& one) {
             return one[std::string(member)].get_ref<const std::string&>() == text->scalar;
           });
  };
  Value result = value;
  std::erase_if(result.items, [&](const Value& item) {
    if (key == "volumes") return taken(pod.volumes, "name", item.find("name"));
    return taken(pod.mounts, "mountPath", model::mount_place(item));
  });
  return result;
}

namespace {

bool is_plain_text(const Value* text) {
  return text != nullptr && text->is_string() && !document::holds_template(text->scalar);
}

// The volumes that a task's pod has; none where not all are known.
std::optional<std::set<std::string>> volumes_of(const model::Executor& executor, const model::Task& task,
                                                const model::System& system) {
  if (task.name.empty()) return std::nullopt;  // of no task in particular
  std::set<std::string> volumes;
  for (const Json& volume : pod_volumes(system, task.mounts, task.secrets).volumes)
    volumes.insert(volume["name"].get<std::string>());
  for (const auto& [key, argument] : executor.arguments) {
    // Of a pod described elsewhere there may be more.
    if (key == "full_pod_spec" || key == "pod_template_file" || key == "pod_template_dict") return std::nullopt;
    if (key != "volumes") continue;
    for (const Value& volume : argument->items) {
      const Value* name = volume.find("name");
      if (!is_plain_text(name)) return std::nullopt;
      volumes.insert(name->scalar);
    }
  }
  return volumes;
}

void check_mounts(const Value& mounts, const std::set<std::string>& volumes, const model::Task& task,
                  std::vector<ValueFault>& faults) {
  for (const Value& mount : mounts.items) {
    const Value* name = mount.find("name");
    if (!is_plain_text(name) || volumes.contains(name->scalar)) continue;
    const auto likely = nearest(name->scalar, std::vector<std::string_view>(volumes.begin(), volumes.end()));
    faults.push_back({name->origin, name->scalar,
                      fmt::format("no volume of the pod of task `{}` is called `{}`", task.name, name->scalar),
                      likely ? fmt::format("did you mean `{}`?", *likely)
                             : std::string("add it to the executor's `volumes`, or mount it in the task")});
  }
}

}  // namespace

void check_volume_mounts(const Value& value, const model::Executor& executor, const model::Task& task,
                         const model::System& system, std::vector<ValueFault>& faults) {
  if (const auto volumes = volumes_of(executor, task, system))
    check_mounts(without_taken(value, "volume_mounts", task, system), *volumes, task, faults);
}

void check_init_containers(const Value& value, std::span<const std::string_view> taken, const model::Executor& executor,
                           const model::Task& task, const model::System& system, std::vector<ValueFault>& faults) {
  const auto volumes = volumes_of(executor, task, system);
  for (const Value& container : value.items) {
    const Value* image = container.find("image");
    if (container.is_mapping() && (image == nullptr || image->is_null()))
      faults.push_back({container.origin, {}, "a container has to have an `image`", "add it"});
    const Value* name = container.find("name");
    if (name != nullptr && std::find(taken.begin(), taken.end(), name->scalar) != taken.end())
      faults.push_back({name->origin, name->scalar,
                        fmt::format("another container of the pod is called `{}`", name->scalar),
                        "give it another name"});
    for (const std::string_view key : {"volumeMounts", "volume_mounts"}) {
      const Value* mounts = container.find(key);
      if (volumes && mounts != nullptr) check_mounts(*mounts, *volumes, task, faults);
    }
  }
}

void check_labels(const Value& value, std::vector<ValueFault>& faults) {
  for (const Value::Member& member : value.members) {
    if (std::find(own_labels.begin(), own_labels.end(), member.key) != own_labels.end())
      faults.push_back({member.key_origin, member.key, fmt::format("every pod has a `{}` of its own", member.key),
                        "leave it out, or give it another name"});
  }
}

bool says(const model::Executor& executor, std::string_view key) {
  return std::any_of(executor.arguments.begin(), executor.arguments.end(),
                     [&](const auto& argument) { return argument.first == key && !argument.second->is_null(); });
}

bool executor_sets(const model::Executor* executor, std::string_view variable) {
  if (executor == nullptr) return false;
  for (const auto& [key, value] : executor->arguments) {
    if (key != "env_vars") continue;
    if (value->find(variable) != nullptr) return true;
    for (const Value& item : value->items) {
      const Value* name = item.find("name");
      if (name != nullptr && name->text() == variable) return true;
    }
  }
  return false;
}

}  // namespace liminal::engine
