#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

void check_task(const PipelinePlace& pipeline, const ByName<model::Task>& tasks, const model::Task& task,
                DiagnosticSink& findings) {
  const document::Value* wanted = task.value == nullptr ? nullptr : task.value->find("depends_on");
  if (wanted == nullptr || !wanted->is_sequence()) return;
  const std::string task_path = fmt::format("{}.{}", pipeline.path, item_path("tasks", task.name));
  for (const document::Value& item : wanted->items) {
    if (findings.full(pipeline.system.file)) return;
    const std::string name = item.text();
    const std::string path = fmt::format("{}.{}", task_path, item_path("depends_on", name));
    if (name == task.name) {
      Diagnostic found =
          finding(unknown_task, pipeline.system, item.origin, path, fmt::format("task `{}` depends on itself", name));
      found.value = name;
      found.help = "remove it from the list";
      findings.report(std::move(found));
      continue;
    }
    if (tasks.find(name) != nullptr) continue;
    Diagnostic found = finding(unknown_task, pipeline.system, item.origin, path,
                               fmt::format("task `{}` depends on `{}`, which pipeline `{}` does not have", task.name,
                                           name, pipeline.pipeline.name));
    suggest_name(found, "task", name, names_of(pipeline.pipeline.tasks), item.origin);
    findings.report(std::move(found));
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_pipeline(subject, findings, [&](const PipelinePlace& place) {
    const ByName tasks(place.pipeline.tasks);
    for (const model::Task& task : place.pipeline.tasks) check_task(place, tasks, task, findings);
  });
}

}  // namespace

const Rule unknown_task{
    .id = "unknown-task",
    .severity = Severity::error,
    .summary = "`depends_on` names a task that the pipeline does not have.",
    .explanation =
        R"(`depends_on` lists the tasks of the same pipeline that have to succeed first. Without the key, a task follows the one before it.)",
    .bad = R"(name: shop
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
      - task: score
        type: python
        image: trainer
        cmd: echo scoring
        depends_on: [trian]
)",
    .good = R"(name: shop
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
      - task: score
        type: python
        image: trainer
        cmd: echo scoring
        depends_on: [train]
)",
    .check = check,
};

}  // namespace liminal::rules
