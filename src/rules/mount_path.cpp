#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "liminal/base/file_system.hpp"

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// As one place is written in one way.
std::filesystem::path normal(const std::string& text) {
  std::filesystem::path place = std::filesystem::path(text).lexically_normal();
  if (!place.has_filename() && place.has_relative_path()) place = place.parent_path();
  return place;
}

// What a mount hides, and whether the container may run all the same.
struct Hidden {
  std::string_view what;  // empty: nothing of the sort
  Severity severity = Severity::error;
};

// Container runtimes refuse some of these places, or give up in them.
Hidden hidden_by(const std::filesystem::path& place) {
  constexpr auto of_programs =
      std::to_array<std::string_view>({"/bin", "/lib", "/lib64", "/usr", "/usr/bin", "/usr/lib", "/usr/lib64"});
  // What runs needs may lie there, or not: the image tells.
  constexpr auto of_some_programs =
      std::to_array<std::string_view>({"/sbin", "/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/sbin"});
  const auto one_of = [&](const auto& places) {
    return std::find(places.begin(), places.end(), place.native()) != places.end();
  };
  if (place == "/") return {"the whole image"};
  if (place == "/dev") return {"the container's devices"};
  const auto first = std::next(place.begin());
  if (first != place.end() && *first == "proc") return {"what the kernel shows of processes"};
  if (place == "/sys") return {"what the kernel shows of the machine"};
  if (one_of(of_programs)) return {"the image's programs"};
  if (one_of(of_some_programs)) return {"programs of the image", Severity::warning};
  if (place == "/etc") return {"the settings of the image's programs", Severity::warning};
  // Where images are built, the source is there. One that a user makes elsewhere may have nothing in it.
  return place == model::source_folder_in_image ? Hidden{"the source that is built into images", Severity::warning}
                                                : Hidden{};
}

// What mounts: a task or a service.
struct Owner {
  const model::System& system;
  std::string_view path;  // pipelines[wine].tasks[train]
  std::string_view kind;
  std::string_view name;
};

// The mounts of one owner, in their order.
class Mounts {
 public:
  Mounts(const Owner& owner, DiagnosticSink& findings) : owner_(owner), findings_(findings) {}

  void check(const model::Value* mount, std::string_view place_key) {
    const model::Value* place = mount->find(place_key);
    if (is_text(place)) check_place(mount, place_key, place->scalar);
    const model::Value* below = mount->find("sub_path");
    if (is_text(below)) check_sub_path(mount, below->scalar);
  }

  // A Secret that this program makes has one key; one made elsewhere may have others.
  void check_secret(const model::SecretMount& mount) {
    constexpr std::string_view key = "credentials";
    if (mount.sub_path.empty() || mount.sub_path == key || document::holds_template(mount.sub_path)) return;
    report(mount.value, "sub_path", mount.sub_path,
           fmt::format("`sub_path` of {} is `{}`, and the secret is made with the one file `{}`", who(), mount.sub_path,
                       key),
           fmt::format("write `{}`, unless the secret is made elsewhere", key), Severity::warning);
  }

 private:
  // What is missing or no text is its schema's.
  static bool is_text(const model::Value* value) { return value != nullptr && value->is_string(); }

  void check_place(const model::Value* mount, std::string_view key, const std::string& text) {
    if (is_blank(text)) return report(mount, key, text, fmt::format("{} has an empty `{}`", who(), key), own_place);
    const bool climbing = climbs(text);
    if (climbing) {
      report(mount, key, text, fmt::format("`{}` of {} climbs by `..`", key, who()),
             "write the place itself, such as /mnt/data");
    } else if (!text.starts_with('/') && !document::holds_template(text)) {
      return report(mount, key, text, fmt::format("`{}` of {} is no whole path: `{}`", key, who(), text),
                    fmt::format("write `/{}`", text));
    }
    if (document::holds_template(text)) return report_template(mount, key, text);
    if (text.find(':') != std::string::npos)
      return report(mount, key, text,
                    fmt::format("`{}` of {} holds a `:`, which Kubernetes refuses: `{}`", key, who(), text),
                    "leave the `:` out");
    const Hidden hidden = hidden_by(normal(text));
    // Of one that climbs, what may be meant says no more.
    if (!hidden.what.empty() && !(climbing && hidden.severity == Severity::warning))
      report(mount, key, text, fmt::format("{} at `{}` hides {}", who(), text, hidden.what), own_place,
             hidden.severity);
    check_taken(mount, key, text);
  }

  // Neither Kubernetes nor a run here does, nor does Airflow in a path.
  void report_template(const model::Value* mount, std::string_view key, const std::string& text) {
    report(mount, key, text, fmt::format("`{}` of {} holds a template, which nothing renders: `{}`", key, who(), text),
           "write the place itself, and the template into `cmd`");
  }

  // Kubernetes refuses two mounts at one path.
  void check_taken(const model::Value* mount, std::string_view key, const std::string& text) {
    const document::Origin origin = model::locate(mount, key);
    const auto [first, fresh] = taken_.emplace(normal(text).native(), origin);
    if (fresh) return;
    Diagnostic found = finding(mount_path, owner_.system, origin, fmt::format("{}.{}", owner_.path, key),
                               fmt::format("{} is at `{}`, where another is already", who(), text));
    found.value = text;
    found.help = "give each a place of its own, such as /mnt/data";
    document::add_related(found, first->second, "the other is here");
    findings_.report(std::move(found));
  }

  void check_sub_path(const model::Value* mount, const std::string& text) {
    constexpr std::string_view below = "name a folder below the volume";
    if (document::holds_template(text)) return report_template(mount, "sub_path", text);
    if (climbs(text)) {
      report(mount, "sub_path", text, fmt::format("`sub_path` of {} climbs by `..`", who()), std::string(below));
    } else if (text.starts_with('/')) {
      report(mount, "sub_path", text, fmt::format("`sub_path` of {} begins with `/`: `{}`", who(), text),
             fmt::format("{}, without the `/`", below));
    }
  }

  [[nodiscard]] std::string who() const { return fmt::format("a mount of {} `{}`", owner_.kind, owner_.name); }

  void report(const model::Value* mount, std::string_view key, const std::string& text, std::string message,
              std::string help, Severity severity = Severity::error) {
    Diagnostic found = finding(mount_path, owner_.system, model::locate(mount, key),
                               fmt::format("{}.{}", owner_.path, key), std::move(message));
    found.severity = severity;
    found.value = text;
    found.help = std::move(help);
    findings_.report(std::move(found));
  }

  static constexpr const char* own_place = "mount it at a place of its own, such as /mnt/data";

  const Owner& owner_;
  DiagnosticSink& findings_;
  std::map<std::string, document::Origin> taken_;
};

void check_mounts(const Owner& owner, const std::vector<model::Mount>& mounts,
                  const std::vector<model::SecretMount>& secrets, DiagnosticSink& findings) {
  Mounts checked(owner, findings);
  for (const model::Mount& mount : mounts) checked.check(mount.value, "path");
  for (const model::SecretMount& mount : secrets) {
    checked.check(mount.value, "remote_path");
    checked.check_secret(mount);
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
    .summary = "A mount's path is one that Kubernetes refuses, or hides what the container needs.",
    .explanation =
        R"(`path` and `remote_path` are places in the container: whole paths, without `:`, and none of them twice in one task or service. `sub_path` is one below
the volume: it does not begin with `/`. Of a secret that this program makes, it is `credentials`, the one file in it. With `..` in it a path says another place than it seems to; Kubernetes refuses such a `subPath`, and runtimes
differ about the rest.

A volume at `/`, `/dev`, `/proc` or `/sys`, or at `/usr`, `/bin` or `/lib`, takes the place of what every program needs: the container does not start. One
at `/app` hides the source that is built into the image, and one at `/etc`, `/sbin` or `/usr/local` what its programs may need (warnings: the volume may hold
another).)",
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
