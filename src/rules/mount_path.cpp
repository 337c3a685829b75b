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

// What the mount would hide, so that nothing in the container starts; empty if it is nothing of the sort. Container
// runtimes refuse these places, or give up in them.
std::string_view hidden_by(const std::filesystem::path& place) {
  if (place == "/") return "the whole image";
  if (place == "/dev") return "the container's devices";
  const auto first = std::next(place.begin());
  if (first != place.end() && *first == "proc") return "what the kernel shows of processes";
  return place == "/sys" ? "what the kernel shows of the machine" : "";
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

void check_place(const Owner& owner, const model::Value* mount, std::string_view key, const std::string& text,
                 DiagnosticSink& findings) {
  std::filesystem::path place = std::filesystem::path(text).lexically_normal();
  if (!place.is_absolute()) return;
  if (!place.has_filename() && place.has_relative_path()) place = place.parent_path();
  // Where images are built, the source is there. One that a user makes elsewhere may have nothing in it.
  const bool source = place == "/app";
  const std::string_view hidden = source ? "the source that is built into images" : hidden_by(place);
  if (hidden.empty()) return;
  Diagnostic found = finding(mount_path, owner.system, model::locate(mount, key), fmt::format("{}.{}", owner.path, key),
                             fmt::format("a mount of {} `{}` at `{}` hides {}", owner.kind, owner.name, text, hidden));
  if (source) found.severity = Severity::warning;
  found.value = text;
  found.help = "mount it at a place of its own, such as /mnt/data";
  findings.report(std::move(found));
}

void check_mounts(const Owner& owner, const std::vector<model::Mount>& mounts,
                  const std::vector<model::SecretMount>& secrets, DiagnosticSink& findings) {
  for (const model::Mount& mount : mounts) {
    check_text(owner, mount.value, "path", mount.path, findings);
    check_place(owner, mount.value, "path", mount.path, findings);
    check_text(owner, mount.value, "sub_path", mount.sub_path, findings);
  }
  for (const model::SecretMount& mount : secrets) {
    check_text(owner, mount.value, "remote_path", mount.remote_path, findings);
    check_place(owner, mount.value, "remote_path", mount.remote_path, findings);
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
    .summary = "A mount's path climbs by `..`, or hides what the container needs.",
    .explanation =
        R"(`path` and `remote_path` are places in the container, and `sub_path` one below the volume. With `..` in it a path says another place than it seems
to; Kubernetes refuses such a `subPath`, and runtimes differ about the rest.

A volume at `/`, `/dev`, `/proc` or `/sys` takes the place of what every program needs: the container does not start. One at `/app` hides the source
that is built into the image (a warning: the volume may hold another).)",
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
