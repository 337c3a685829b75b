#include <array>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// How a volume and its claim are made.
constexpr auto of_making =
    std::to_array<std::string_view>({"capacity", "access_mode", "storage_class", "namespace", "node"});

void check_volume(const model::System& system, const model::Volume& volume, DiagnosticSink& findings) {
  std::vector<std::string_view> given;
  for (const std::string_view key : of_making) {
    const document::Value* value = volume.value->find(key);
    if (value != nullptr && !value->is_null()) given.push_back(key);
  }
  if (given.empty()) return;
  Diagnostic found = finding(volume_not_made, system, model::locate(volume.value, given.front()),
                             fmt::format("{}.{}", item_path("volumes", volume.name), given.front()),
                             fmt::format("volume `{}` has no `local`, so nothing is made of it, and {} {} no effect",
                                         volume.name, quoted_list(given), given.size() == 1 ? "has" : "have"));
  found.value = given.front();
  found.help = fmt::format("give it `local` with a `path`, or leave {} out and make the claim `{}` yourself",
                           given.size() == 1 ? "it" : "them", volume.claim_name);
  findings.report(std::move(found));
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Volume& volume : system.volumes) {
      if (findings.full(system.file)) break;
      if (!volume.local_path) check_volume(system, volume, findings);
    }
  }
}

}  // namespace

const Rule volume_not_made{
    .id = "volume-not-made",
    .severity = Severity::warning,
    .summary = "A volume that is not made says how to make it.",
    .explanation =
        R"(Of a volume with `local`, a deploy makes a PersistentVolume and its claim, as `capacity`, `access_mode`, `storage_class`, `namespace` and `node` say. Without `local`
nothing is made: pods use the claim (`claim_name`, by default NAME-pvc) that is in their namespace already, and those keys have no effect. (`run --local`
gives such a volume a folder below `.liminal`.))",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
volumes:
  - volume: data
    capacity: 10Gi
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
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
volumes:
  - volume: data
    capacity: 10Gi
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
