#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    const ByName declared(system.executors);
    for_each_task(system, findings, [&](const TaskPlace& place) {
      const std::string& executor = place.task.executor;
      if (executor.empty() || declared.find(executor) != nullptr) return;
      const document::Origin origin = model::locate(place.task.value, "executor");
      Diagnostic found =
          finding(unknown_executor, place.system, origin, place.path + ".executor",
                  fmt::format("task `{}` names the executor `{}`, which is not declared", place.task.name, executor));
      suggest_name(found, "executor", executor, names_of(place.system.executors), origin);
      findings.report(std::move(found));
    });
  }
}

}  // namespace

const Rule unknown_executor{
    .id = "unknown-executor",
    .severity = Severity::error,
    .summary = "A task names an executor that is not declared.",
    .explanation =
        R"(An executor says where tasks run. Besides those of the root list `executors` there are two built-in ones: `default_k8s` for containers and
`airflow_executor` for what runs inside Airflow.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
executors:
  - executor: small
    type: kubernetes
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
        executor: smal
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
executors:
  - executor: small
    type: kubernetes
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
        executor: small
)",
    .check = check,
};

}  // namespace liminal::rules
