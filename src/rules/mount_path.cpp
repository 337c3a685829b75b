#include <filesystem>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

bool climbs(const std::string& text) {
  for (const std::filesystem::path& part : std::filesystem::path(text)) {
    if (part == "..") return true;
  }
  return false;
}

// What mounts: a task or a service.
struct Owner {
  const model::System& system;
  std::string_view path;  // pipelines[wine].tasks[train]
  std::string_view kind;
  std::string_view name;
};

void check_text(const Owner& owner, const model::Value* mount, std::string_view key, const std::string& text,
                DiagnosticSink& findings) {
  if (!climbs(text)) return;
  Diagnostic found = finding(mount_path, owner.system, model::locate(mount, key), fmt::format("{}.{}", owner.path, key),
                             fmt::format("`{}` of a mount of {} `{}` climbs by `..`", key, owner.kind, owner.name));
  found.value = text;
  found.help = key == "sub_path" ? "name a folder below the volume" : "write the place itself, such as /mnt/data";
  findings.report(std::move(found));
}

void check_mounts(const Owner& owner, const std::vector<model::Mount>& mounts,
                  const std::vector<model::SecretMount>& secrets, DiagnosticSink& findings) {
  for (const model::Mount& mount : mounts) {
    check_text(owner, mount.value, "path", mount.path, findings);
    check_text(owner, mount.value, "sub_path", mount.sub_path, findings);
  }
  for (const model::SecretMount& mount : secrets) {
    check_text(owner, mount.value, "remote_path", mount.remote_path, findings);
    check_text(owner, mount.value, "sub_path", mount.sub_path, findings);
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_task(subject, findings, [&](const TaskPlace& place) {
    check_mounts({place.system, place.path, "task", place.task.name}, place.task.mounts, place.task.secrets, findings);
  });
  for (const model::System& system : subject.systems) {
    for (const model::Service& service : system.services) {
      const std::string path = item_path("services", service.name);
      check_mounts({system, path, "service", service.name}, service.mounts, service.secrets, findings);
    }
  }
}

}  // namespace

const Rule mount_path{
    .id = "mount-path",
    .severity = Severity::error,
    .summary = "A mount's path climbs by `..`.",
    .explanation =
        R"(`path` and `remote_path` are places in the container, and `sub_path` one below the volume. With `..` in it a path says another place than it seems
to; Kubernetes refuses such a `subPath`, and runtimes differ about the rest.)",
    .bad = R"(name: shop
volumes:
  - volume: data
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
        mounts:
          - mount: data
            volume: data
            path: /mnt/../../etc
)",
    .good = R"(name: shop
volumes:
  - volume: data
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
        mounts:
          - mount: data
            volume: data
            path: /mnt/data
)",
    .check = check,
};

}  // namespace liminal::rules
