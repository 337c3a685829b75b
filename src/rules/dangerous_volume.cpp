#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "liminal/base/checkout.hpp"
#include "liminal/model/machine_folder.hpp"

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

namespace fs = std::filesystem;

// Whether `folder` is `inner`, or holds it.
bool holds(const fs::path& folder, const fs::path& inner) {
  return std::mismatch(folder.begin(), folder.end(), inner.begin(), inner.end()).first == folder.end();
}

// What git keeps, and what runs do: `.liminal/volumes` alone is for tasks.
bool is_a_tools_own(const fs::path& folder, const fs::path& root) {
  if (std::find(folder.begin(), folder.end(), ".git") != folder.end()) return true;
  const fs::path state = root / ".liminal";
  return holds(state, folder) && !holds(state / "volumes", folder);
}

// With its links followed; the machine outside of the repository is looked at only where files are checked.
fs::path place_of(const Subject& subject, const fs::path& folder) {
  const fs::path real = subject.check_files ? real_place(folder) : fs::path();
  return real.empty() ? folder.lexically_normal() : real;
}

// `root` is the repository's folder with its links followed.
void check_volume(const Subject& subject, const fs::path& root, const model::System& system,
                  const model::Volume& volume, DiagnosticSink& findings) {
  if (!volume.local_path) return;
  const document::Value* local = volume.value == nullptr ? nullptr : volume.value->find("local");
  const document::Origin origin =
      local == nullptr ? model::locate(volume.value, "local") : model::locate(local, "path");
  const auto report = [&](Severity severity, std::string_view what, std::string help) {
    Diagnostic found = finding(dangerous_volume, system, origin, item_path("volumes", volume.name) + ".local.path",
                               fmt::format("volume `{}` mounts `{}`, {}", volume.name, *volume.local_path, what));
    found.severity = severity;
    found.value = *volume.local_path;
    found.help = std::move(help);
    findings.report(std::move(found));
  };
  const std::string& written = *volume.local_path;
  if (written.starts_with('~') || written.find('$') != std::string::npos) {
    return report(
        Severity::error, "in which nothing is replaced: it would be a folder of that very name",
        "write a whole path, or one relative to this file; a `{{ placeholder }}` is replaced by `variables` or --set");
  }
  fs::path place;
  if (fs::path(*volume.local_path).is_absolute()) {
    place = place_of(subject, *volume.local_path);
    const std::string help = "name a folder that is there for this data";
    if (model::is_machine_folder(*volume.local_path))
      return report(Severity::error, "which the machine itself lives in", help);
    if (model::is_machine_folder(place)) {
      return report(Severity::error,
                    fmt::format("a link that leads to `{}`, which the machine itself lives in", place.string()), help);
    }
  } else {
    auto beneath = subject.world.files.resolve_beneath(subject.project.root,
                                                       volume.local_folder.lexically_relative(subject.project.root));
    if (!beneath) {
      return report(Severity::error, "which leads out of the repository",
                    "name a folder of the repository, or one elsewhere by its whole path");
    }
    place = std::move(*beneath);
  }
  // A folder is one with and without a slash at its end.
  if (!place.has_filename()) place = place.parent_path();
  const std::string help = "name a folder of its own for this data, such as `data`";
  if (is_a_tools_own(place, root)) {
    report(Severity::error, "where git or this program keeps its own files", help);
  } else if (holds(place, root)) {
    report(Severity::warning, "which holds the repository: tasks could change `.git` and every liminal.yml", help);
  } else if (holds(place, place_of(subject, system.folder))) {
    report(Severity::warning, "which holds this file: tasks could change it", help);
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  fs::path root = real_place(subject.project.root);
  if (root.empty()) root = subject.project.root;
  for (const model::System& system : subject.systems) {
    for (const model::Volume& volume : system.volumes) {
      if (findings.full(system.file)) break;
      check_volume(subject, root, system, volume, findings);
    }
  }
}

}  // namespace

const Rule dangerous_volume{
    .id = "dangerous-volume",
    .severity = Severity::error,
    .summary = "A volume is a folder that no task should be given.",
    .explanation =
        R"(A task can write to what is mounted. `local: path` is relative to the folder of the file, or of the one that inherits it, and stays inside the repository; a whole path (`/data/wine`)
is taken as it is, unless it is a folder that the machine itself lives in: `/`, `/etc`, `/usr`, what is below `/proc`
or below `/run`, where the sockets of its daemons are, and the like, or a link to one. `.git` and `.liminal` are no volume either; one that holds the
repository or the file itself (`path: .`, as Apache Liminal's examples have it) is a warning. `~` and `$HOME` are for shells: here they would be folders
of that name.)",
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
