#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

void check_mounts(const model::System& system, const ByName<model::Volume>& declared,
                  const std::vector<model::Mount>& mounts, const std::string& path, std::string_view who,
                  DiagnosticSink& findings) {
  for (const model::Mount& mount : mounts) {
    if (findings.full(system.file)) return;
    if (mount.volume.empty() || declared.find(mount.volume) != nullptr) continue;
    const document::Origin origin = model::locate(mount.value, "volume");
    Diagnostic found =
        finding(unknown_volume, system, origin, fmt::format("{}.{}.volume", path, item_path("mounts", mount.name)),
                fmt::format("{} mounts the volume `{}`, which is not declared", who, mount.volume));
    suggest_name(found, "volume", mount.volume, names_of(system.volumes), origin);
    findings.report(std::move(found));
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    const ByName declared(system.volumes);
    for_each_task(system, findings, [&](const TaskPlace& place) {
      check_mounts(system, declared, place.task.mounts, place.path, fmt::format("task `{}`", place.task.name),
                   findings);
    });
    for (const model::Service& service : system.services) {
      check_mounts(system, declared, service.mounts, item_path("services", service.name),
                   fmt::format("service `{}`", service.name), findings);
    }
  }
}

}  // namespace

const Rule unknown_volume{
    .id = "unknown-volume",
    .severity = Severity::error,
    .summary = "A mount names a volume that is not declared.",
    .explanation =
        R"(A mount puts a volume of the root list `volumes` into the container at `path`. A volume that nobody declares has no claim on the cluster, so the
pod would wait for ever.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
volumes:
  - volume: data
    local:
      path: data
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
        mounts:
          - mount: data
            volume: dta
            path: /mnt/data
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
volumes:
  - volume: data
    local:
      path: data
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
        mounts:
          - mount: data
            volume: data
            path: /mnt/data
)",
    .check = check,
};

}  // namespace liminal::rules
