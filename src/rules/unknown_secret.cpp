#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

void check_secrets(const model::System& system, const ByName<model::Secret>& declared,
                   const std::vector<model::SecretMount>& secrets, const std::string& path, std::string_view who,
                   DiagnosticSink& findings) {
  for (const model::SecretMount& mount : secrets) {
    if (findings.full(system.file)) return;
    if (mount.secret.empty() || declared.find(mount.secret) != nullptr) continue;
    const document::Origin origin = model::locate(mount.value, "secret");
    Diagnostic found =
        finding(unknown_secret, system, origin, fmt::format("{}.{}", path, item_path("secrets", mount.secret)),
                fmt::format("{} uses the secret `{}`, which is not declared", who, mount.secret));
    suggest_name(found, "secret", mount.secret, names_of(system.secrets), origin);
    findings.report(std::move(found));
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    const ByName declared(system.secrets);
    for_each_task(system, findings, [&](const TaskPlace& place) {
      check_secrets(system, declared, place.task.secrets, place.path, fmt::format("task `{}`", place.task.name),
                    findings);
    });
    for (const model::Service& service : system.services) {
      check_secrets(system, declared, service.secrets, item_path("services", service.name),
                    fmt::format("service `{}`", service.name), findings);
    }
  }
}

}  // namespace

const Rule unknown_secret{
    .id = "unknown-secret",
    .severity = Severity::error,
    .summary = "A task uses a secret that is not declared.",
    .explanation =
        R"(Secrets are declared in the root list `secrets`; a task names one and says where its file is to appear (`remote_path`). A secret that nobody
declares does not exist on the cluster, so the pod would never start.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
secrets:
  - secret: warehouse
    local_path_file: warehouse.txt
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
        secrets:
          - secret: warehose
            remote_path: /mnt/credentials
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
secrets:
  - secret: warehouse
    local_path_file: warehouse.txt
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
        secrets:
          - secret: warehouse
            remote_path: /mnt/credentials
)",
    .check = check,
};

}  // namespace liminal::rules
