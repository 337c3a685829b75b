#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "liminal/base/letter_case.hpp"
#include "liminal/base/shell_word.hpp"

#include "airflow_dag.hpp"
#include "argo_workflow.hpp"
#include "claim_namespaces.hpp"
#include "findings.hpp"
#include "kubernetes_objects.hpp"
#include "object_size.hpp"
#include "pulled_images.hpp"
#include "unused_executors.hpp"
#include "yaml_writer.hpp"

namespace liminal::engine {

namespace {
// The pipeline's name where it is a plain file name, else one that is and stays its own.
std::string file_name(const std::string& name) {
  const bool plain =
      !name.empty() && name.size() <= 200 && name.front() != '.' && name.front() != '-' &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == std::string::npos;
  return plain ? name : kubernetes_name(name);
}

class Rendering {
 public:
  Rendering(const Target& target) : target_(target) {}

  void add(const model::System& system) {
    for (const model::Secret& secret : system.secrets) result.notes.push_back(note_of(secret));
    // One alone takes nobody's place.
    if (!target_.only_findings || system.volumes.size() > 1) volumes(system);
    check_claim_namespaces(system, target_, result.findings);
    for (const model::Service& service : system.services) {
      if (service.name.empty()) continue;
      const Place place{model::locate(service.value, "service"), "services[" + service.name + "]"};
      std::vector<ValueFault> faults;
      object(system, deployment(system, service, target_, faults), place, pulled_images(system, service, target_));
      object(system, service_object(system, service, target_), place);
      for (ValueFault& fault : faults)
        result.findings.push_back(cannot_express(fault.origin, place.path + ".resources", std::move(fault.value),
                                                 "`resources` of service `" + service.name + "`: " + fault.message,
                                                 std::move(fault.help)));
    }
    for (const model::Pipeline& pipeline : system.pipelines) {
      target_.engine == Engine::argo ? argo(system, pipeline) : airflow(system, pipeline);
    }
    if (target_.only_findings) check_unused_executors(system, target_, result.findings);
  }

  Rendered result;

 private:
  [[nodiscard]] std::string note_of(const model::Secret& secret) const {
    const std::string name = object_name(secret.name);
    return fmt::format(
        "secret {0} in namespace {1} is not rendered; make it by: liminal create --context NAME, or: kubectl create "
        "secret generic {0} {2} -n {1}",
        name, target_.namespace_name, shell_word("--from-file=credentials=" + secret.local_path_file));
  }

  // A PersistentVolume's folder cannot be changed later.
  static std::string note_of(const model::Volume& volume) {
    return fmt::format(
        "volume {} is made for the folder {} of its node: `path: {}` is read from this checkout, and another one makes "
        "another volume of it; write the whole path where more than this machine deploys it",
        volume.name, volume.local_folder.string(), *volume.local_path);
  }

  void volumes(const model::System& system) {
    for (const model::Volume& volume : system.volumes) {
      if (!volume.local_path) continue;
      const Place place{model::locate(volume.value, "volume"), "volumes[" + volume.name + "]"};
      object(system, persistent_volume(system, volume, target_), place);
      object(system, persistent_volume_claim(system, volume, target_), place);
      if (!volume.local_path->starts_with('/')) result.notes.push_back(note_of(volume));
    }
  }

  // What a finding about an object points at.
  struct Place {
    document::Origin origin;
    std::string path;
  };

  static Place place_of(const model::Pipeline& pipeline) {
    return {model::locate(pipeline.value, "pipeline"), "pipelines[" + pipeline.name + "]"};
  }

  void object(const model::System& system, Json json, const Place& place, std::vector<PulledImage> images = {}) {
    const auto warning = target_.only_findings ? std::nullopt : size_warning(json);
    if (warning) {
      result.findings.push_back(cannot_express(place.origin, place.path, json["kind"].get<std::string>(),
                                               warning->message, "split it",
                                               warning->too_large ? Severity::error : Severity::warning));
    }
    Artifact artifact;
    artifact.api_kind = json["kind"].get<std::string>();
    artifact.name = json["metadata"]["name"].get<std::string>();
    check_taken(system, artifact, json["metadata"].value("namespace", ""), place);
    if (target_.only_findings) return;
    artifact.path =
        fmt::format("{}/{}-{}.yaml", kubernetes_name(system.name), to_lower(artifact.api_kind), artifact.name);
    artifact.content = to_yaml(json);
    artifact.object = std::move(json);
    artifact.system = &system;
    artifact.origin = place.origin;
    artifact.images = std::move(images);
    result.artifacts.push_back(std::move(artifact));
  }

  // All systems of a call meet in one cluster: the later object would take the place of the earlier.
  void check_taken(const model::System& system, const Artifact& object, const std::string& namespace_name,
                   const Place& place) {
    const auto [first, fresh] =
        taken_.emplace(object.api_kind + "/" + namespace_name + "/" + object.name, std::pair{&system, place.origin});
    if (fresh) return;
    const bool own = first->second.first == &system;
    Diagnostic found = document::finding_at(
        "duplicate-object", place.origin, place.path, object.name,
        (own ? std::string("something else of the file") : "system `" + first->second.first->name + "`") + " makes a " +
            object.api_kind + " `" + object.name + "` too",
        own || namespace_name.empty() ? "give one of them another name"
                                      : "give one of them another name, or deploy the systems into different "
                                        "namespaces");
    document::add_related(found, first->second.second, "the first is made of this");
    result.findings.push_back(std::move(found));
  }

  void airflow(const model::System& system, const model::Pipeline& pipeline) {
    Artifact dag;
    dag.kind = Artifact::Kind::dag_file;
    dag.api_kind = "DAG";
    dag.name = pipeline.name;
    dag.path = dag_path(system, pipeline).string();
    dag.content = airflow_dag(system, pipeline, target_, result.findings);
    if (target_.only_findings) return;
    dag.system = &system;
    dag.origin = place_of(pipeline).origin;
    Json map = dag_config_map(system, dag, target_);
    const auto size = size_warning(map);
    if (size && size->too_large) {
      // The file itself may be as long as it likes.
      const Place place = place_of(pipeline);
      result.findings.push_back(
          cannot_express(place.origin, place.path, pipeline.name, size->message + ": the ConfigMap is left out",
                         "deliver the DAG file with `deploy --dags DIR`, or split the pipeline", Severity::warning));
    } else {
      object(system, std::move(map), place_of(pipeline), pulled_images(system, pipeline, target_));
      result.artifacts.back().pull_secrets = pull_secrets(system, pipeline, target_);
    }
    result.artifacts.push_back(std::move(dag));
  }

  void argo(const model::System& system, const model::Pipeline& pipeline) {
    object(system, argo_workflow_template(system, pipeline, target_, result.findings), place_of(pipeline),
           pulled_images(system, pipeline, target_));
    if (auto cron = argo_cron_workflow(system, pipeline, target_, result.findings))
      object(system, std::move(*cron), place_of(pipeline));
  }

  const Target& target_;
  // By kind, namespace and name: whose object it is, and what it is made of.
  std::map<std::string, std::pair<const model::System*, document::Origin>> taken_;
};

}  // namespace

std::filesystem::path dag_path(const model::System& system, const model::Pipeline& pipeline) {
  return kubernetes_name(system.name) + "/dags/" + file_name(pipeline.name) + ".py";
}

Rendered render(std::span<const model::System> systems, const Target& target) {
  Rendering rendering(target);
  for (const model::System& system : systems) rendering.add(system);
  return std::move(rendering.result);
}

}  // namespace liminal::engine
