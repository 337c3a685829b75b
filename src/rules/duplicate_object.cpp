#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

struct Named {
  std::string_view name;
  const document::Value* value;
};

// Names as the cluster sees them: a pod's and an object's name have no underscores.
std::string cluster_name(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

void check_list(const model::System& system, const std::vector<Named>& objects, std::string_view kind,
                std::string_view key, const std::string& list_path, bool on_cluster, DiagnosticSink& findings) {
  std::map<std::string, const Named*> seen;
  for (const Named& object : objects) {
    const auto [first, fresh] =
        seen.emplace(on_cluster ? cluster_name(object.name) : std::string(object.name), &object);
    if (fresh) continue;
    const Named& earlier = *first->second;
    const bool same = earlier.name == object.name;
    document::Origin place = model::locate(object.value, key);
    document::Origin first_place = model::locate(earlier.value, key);
    // One of them may be Apache Liminal's own, such as the task `end`, which stands in no file.
    const bool built_in = place.node == nullptr || first_place.node == nullptr;
    if (place.node == nullptr) std::swap(place, first_place);
    Diagnostic found = finding(duplicate_object, system, place, item_path(list_path, object.name),
                               same ? fmt::format("there is another {} `{}`", kind, object.name)
                                    : fmt::format("{} `{}` and {} `{}` get the same name on the cluster", kind,
                                                  object.name, kind, earlier.name));
    found.value = object.name;
    found.help = built_in ? "the other one is built in: give this one another name" : "give one of them another name";
    document::add_related(found, first_place, "the first is here");
    findings.report(std::move(found));
  }
}

template <class Objects>
std::vector<Named> named(const Objects& objects) {
  std::vector<Named> result;
  result.reserve(objects.size());
  for (const auto& object : objects) result.push_back({object.name, object.value});
  return result;
}

// Volumes that are made here make a claim each.
void check_claims(const model::System& system, DiagnosticSink& findings) {
  std::map<std::string, const model::Volume*> seen;
  for (const model::Volume& volume : system.volumes) {
    if (!volume.local_path) continue;
    const auto [first, fresh] = seen.emplace(volume.namespace_name + "/" + cluster_name(volume.claim_name), &volume);
    const model::Volume& earlier = *first->second;
    // Of one name, they are told as volumes.
    if (fresh || cluster_name(earlier.name) == cluster_name(volume.name)) continue;
    Diagnostic found =
        finding(duplicate_object, system, model::locate(volume.value, "claim_name"), item_path("volumes", volume.name),
                fmt::format("volumes `{}` and `{}` make one claim `{}`", earlier.name, volume.name, volume.claim_name));
    found.value = volume.claim_name;
    found.help = "give each its own `claim_name`, or leave it out";
    document::add_related(found, model::locate(earlier.value, "claim_name"), "the first is here");
    findings.report(std::move(found));
  }
}

// Pipelines of different systems meet in one Airflow.
void check_pipelines_across(const Subject& subject, DiagnosticSink& findings) {
  std::map<std::string, std::pair<const model::System*, const model::Pipeline*>> seen;
  for (const model::System& system : subject.systems) {
    for (const model::Pipeline& pipeline : system.pipelines) {
      const auto [first, fresh] = seen.emplace(pipeline.name, std::pair{&system, &pipeline});
      if (fresh || first->second.first == &system) continue;
      Diagnostic found = finding(
          duplicate_object, system, model::locate(pipeline.value, "pipeline"), item_path("pipelines", pipeline.name),
          fmt::format("system `{}` has a pipeline `{}` too", first->second.first->name, pipeline.name));
      found.value = pipeline.name;
      found.help = "a pipeline's name is its id in the engine: give one of them another name";
      document::add_related(found, model::locate(first->second.second->value, "pipeline"), "the first is here");
      findings.report(std::move(found));
    }
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    check_list(system, named(system.volumes), "volume", "volume", "volumes", true, findings);
    check_claims(system, findings);
    check_list(system, named(system.secrets), "secret", "secret", "secrets", true, findings);
    check_list(system, named(system.images), "image", "image", "images", false, findings);
    check_list(system, named(system.executors), "executor", "executor", "executors", false, findings);
    check_list(system, named(system.services), "service", "service", "services", true, findings);
    check_list(system, named(system.pipelines), "pipeline", "pipeline", "pipelines", true, findings);
  }
  for_each_pipeline(subject, findings, [&](const PipelinePlace& place) {
    check_list(place.system, named(place.pipeline.tasks), "task", "task", place.path + ".tasks", true, findings);
  });
  check_pipelines_across(subject, findings);
}

}  // namespace

const Rule duplicate_object{
    .id = "duplicate-object",
    .severity = Severity::error,
    .summary = "Two objects of one kind have the same name.",
    .explanation =
        R"(Images, volumes, secrets, executors, services, pipelines and the tasks of a pipeline are told apart by their names; of two that share one, the
later would silently take the earlier's place. A pipeline's name is its id in Airflow and must be unique in the whole repository. Names that differ
only between `-` and `_` become one name on the cluster.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
      - task: train
        type: python
        image: trainer
        cmd: echo again
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
      - task: train_again
        type: python
        image: trainer
        cmd: echo again
)",
    .check = check,
};

}  // namespace liminal::rules
