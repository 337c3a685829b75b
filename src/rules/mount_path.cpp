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

void check_text(const TaskPlace& place, const model::Value* mount, std::string_view key, const std::string& text,
                DiagnosticSink& findings) {
  if (!climbs(text)) return;
  Diagnostic found = finding(mount_path, place.system, model::locate(mount, key), fmt::format("{}.{}", place.path, key),
                             fmt::format("`{}` of a mount of task `{}` climbs by `..`", key, place.task.name));
  found.value = text;
  found.help = key == "sub_path" ? "name a folder below the volume" : "write the place itself, such as /mnt/data";
  findings.report(std::move(found));
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_task(subject, findings, [&](const TaskPlace& place) {
    for (const model::Mount& mount : place.task.mounts) {
      check_text(place, mount.value, "path", mount.path, findings);
      check_text(place, mount.value, "sub_path", mount.sub_path, findings);
    }
    for (const model::SecretMount& mount : place.task.secrets) {
      check_text(place, mount.value, "remote_path", mount.remote_path, findings);
      check_text(place, mount.value, "sub_path", mount.sub_path, findings);
    }
  });
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
