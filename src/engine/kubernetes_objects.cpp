#include "kubernetes_objects.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace liminal::engine {

namespace {

Json metadata(const model::System& system, std::string_view name, const Target& target) {
  return {{"name", name}, {"namespace", target.namespace_name}, {"labels", object_labels(system, name)}};
}

void add_once(Json& volumes, Json volume) {
  const auto same = [&](const Json& other) { return other["name"] == volume["name"]; };
  if (std::none_of(volumes.begin(), volumes.end(), same)) volumes.push_back(std::move(volume));
}

Json mount_of(const std::string& volume, const std::string& path, const std::string& sub_path, bool read_only) {
  Json mount = {{"name", volume}, {"mountPath", path}};
  if (!sub_path.empty()) mount["subPath"] = sub_path;
  if (read_only) mount["readOnly"] = true;
  return mount;
}

}  // namespace

Json object_labels(const model::System& system, std::string_view name) {
  const auto& [managed_by, own_name, part_of, component] = own_labels;
  return {{managed_by, "liminal"}, {own_name, kubernetes_name(name)}, {part_of, kubernetes_name(system.name)}};
}

Json task_labels(const model::System& system, const model::Pipeline& pipeline, const model::Task& task) {
  // No service's name holds a dot: the selector of one that has the pipeline's name finds no pods of tasks.
  const std::string prefix = "pipeline.";
  const auto& [managed_by, name, part_of, component] = own_labels;
  return {{managed_by, "liminal"},
          {name, prefix + kubernetes_name(pipeline.name, 63 - prefix.size())},
          {part_of, kubernetes_name(system.name)},
          {component, kubernetes_name(task.name)}};
}

std::string claim_name(const model::Volume& volume) {
  return volume.claim_name.empty() ? kubernetes_name(volume.name + "-pvc") : object_name(volume.claim_name);
}

Json persistent_volume(const model::System& system, const model::Volume& volume, const Target& target) {
  // A `local` volume binds its pods to the node that has the folder; without a node named, any node will do, which is
  // right for a cluster of one.
  Json expression = {{"key", "kubernetes.io/hostname"}, {"operator", "Exists"}};
  if (!volume.node.empty())
    expression = {{"key", "kubernetes.io/hostname"}, {"operator", "In"}, {"values", Json::array({volume.node})}};
  const std::string name = kubernetes_name(volume.name);
  return {{"apiVersion", "v1"},
          {"kind", "PersistentVolume"},
          {"metadata", {{"name", name}, {"labels", object_labels(system, name)}}},
          {"spec",
           {{"accessModes", Json::array({volume.access_mode})},
            {"capacity", {{"storage", volume.capacity}}},
            {"claimRef",
             {{"apiVersion", "v1"},
              {"kind", "PersistentVolumeClaim"},
              {"name", claim_name(volume)},
              {"namespace", volume.namespace_name.empty() ? target.namespace_name : volume.namespace_name}}},
            {"local", {{"path", volume.local_folder.string()}}},
            {"nodeAffinity",
             {{"required", {{"nodeSelectorTerms", Json::array({{{"matchExpressions", Json::array({expression})}}})}}}}},
            {"persistentVolumeReclaimPolicy", "Retain"},
            {"storageClassName", volume.storage_class},
            {"volumeMode", "Filesystem"}}}};
}

Json persistent_volume_claim(const model::System& system, const model::Volume& volume, const Target& target) {
  Json meta = metadata(system, claim_name(volume), target);
  if (!volume.namespace_name.empty()) meta["namespace"] = volume.namespace_name;
  return {{"apiVersion", "v1"},
          {"kind", "PersistentVolumeClaim"},
          {"metadata", std::move(meta)},
          {"spec",
           {{"accessModes", Json::array({volume.access_mode})},
            {"resources", {{"requests", {{"storage", volume.capacity}}}}},
            {"storageClassName", volume.storage_class},
            {"volumeMode", "Filesystem"},
            {"volumeName", kubernetes_name(volume.name)}}}};
}

Json dag_config_map(const model::System& system, const Artifact& dag, const Target& target) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", metadata(system, kubernetes_name(dag.name + "-dag"), target)},
          {"data", {{dag.path.substr(dag.path.rfind('/') + 1), dag.content}}}};
}

PodVolumes pod_volumes(const model::System& system, const std::vector<model::Mount>& mounts,
                       const std::vector<model::SecretMount>& secrets) {
  PodVolumes result;
  for (const model::Mount& mount : mounts) {
    const model::Volume* volume = system.find_volume(mount.volume);
    const std::string name = kubernetes_name(mount.volume);
    const std::string claim = volume != nullptr ? claim_name(*volume) : kubernetes_name(mount.volume + "-pvc");
    add_once(result.volumes, {{"name", name}, {"persistentVolumeClaim", {{"claimName", claim}}}});
    result.mounts.push_back(mount_of(name, mount.path, mount.sub_path, mount.read_only));
  }
  for (const model::SecretMount& secret : secrets) {
    std::string name = kubernetes_name("secret-" + secret.secret);
    const auto taken = [&](const model::Mount& mount) { return kubernetes_name(mount.volume) == name; };
    while (std::any_of(mounts.begin(), mounts.end(), taken)) name = kubernetes_name(fmt::format("the-{}", name));
    add_once(result.volumes, {{"name", name}, {"secret", {{"secretName", object_name(secret.secret)}}}});
    result.mounts.push_back(mount_of(name, secret.remote_path, secret.sub_path, secret.read_only));
  }
  return result;
}

}  // namespace liminal::engine
