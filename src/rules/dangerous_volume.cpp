#include <filesystem>

#include <fmt/format.h>

#include "liminal/model/machine_folder.hpp"

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

void check_volume(const Subject& subject, const model::System& system, const model::Volume& volume,
                  DiagnosticSink& findings) {
  if (!volume.local_path) return;
  const document::Value* local = volume.value == nullptr ? nullptr : volume.value->find("local");
  const document::Origin origin =
      local == nullptr ? model::locate(volume.value, "local") : model::locate(local, "path");
  const std::filesystem::path path(*volume.local_path);
  const auto report = [&](std::string message, std::string help) {
    Diagnostic found = finding(dangerous_volume, system, origin, item_path("volumes", volume.name) + ".local.path",
                               std::move(message));
    found.value = *volume.local_path;
    found.help = std::move(help);
    findings.report(std::move(found));
  };
  if (path.is_absolute()) {
    if (model::is_machine_folder(path))
      report(fmt::format("volume `{}` mounts `{}`, which the machine itself lives in", volume.name, *volume.local_path),
             "name a folder that is there for this data");
    return;
  }
  const std::filesystem::path& root = subject.project.root;
  if (!subject.world.files.resolve_beneath(root, volume.local_folder.lexically_relative(root)))
    report(fmt::format("volume `{}` mounts `{}`, which leads out of the repository", volume.name, *volume.local_path),
           "name a folder of the repository, or one elsewhere by its whole path");
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Volume& volume : system.volumes) {
      if (findings.full(system.file)) break;
      check_volume(subject, system, volume, findings);
    }
  }
}

}  // namespace

const Rule dangerous_volume{
    .id = "dangerous-volume",
    .severity = Severity::error,
    .summary = "A volume is a folder that no task should be given.",
    .explanation =
        R"(A task can write to what is mounted. `local: path` is relative to the folder of the file and stays inside the repository; a whole path (`/data/wine`)
is taken as it is, unless it is a folder that the machine itself lives in: `/`, `/etc`, `/usr`, what is below `/proc`
or below `/run`, where the sockets of its daemons are, and the like.)",
    .bad = R"(name: shop
volumes:
  - volume: data
    local:
      path: /
pipelines: []
)",
    .good = R"(name: shop
volumes:
  - volume: data
    local:
      path: /data/shop
pipelines: []
)",
    .check = check,
};

}  // namespace liminal::rules
