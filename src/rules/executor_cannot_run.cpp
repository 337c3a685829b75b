#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

bool can_run(model::ExecutorType executor, model::TaskType task) {
  using model::ExecutorType;
  using model::TaskType;
  switch (executor) {
    case ExecutorType::kubernetes:
      return task == TaskType::python || task == TaskType::spark;
    case ExecutorType::emr:
      return task == TaskType::spark || task == TaskType::sql;
    case ExecutorType::airflow:
      return task == TaskType::job_start || task == TaskType::job_end || task == TaskType::airflow_operator ||
             task == TaskType::create_cloudformation_stack || task == TaskType::delete_cloudformation_stack;
    case ExecutorType::other:
      return true;
  }
  return true;
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    const ByName declared(system.executors);
    for_each_task(system, findings, [&](const TaskPlace& place) {
      const model::Executor* executor = declared.find(place.task.executor);
      if (executor == nullptr || place.task.type == model::TaskType::other || can_run(executor->type, place.task.type))
        return;
      Diagnostic found = finding(
          executor_cannot_run, place.system, model::locate(place.task.value, "executor"), place.path + ".executor",
          fmt::format("task `{}` is of type `{}`, which the executor `{}` of type `{}` cannot run", place.task.name,
                      place.task.type_name, executor->name, executor->type_name));
      found.value = executor->name;
      std::vector<std::string_view> fitting;
      for (const model::Executor& other : place.system.executors) {
        if (other.type != model::ExecutorType::other && can_run(other.type, place.task.type))
          fitting.push_back(other.name);
      }
      found.help = fitting.empty() ? "declare an executor of a type that can run it"
                                   : "executors that can: " + quoted_list(fitting);
      document::add_related(found, model::locate(executor->value, "type"), "its type is set here");
      findings.report(std::move(found));
    });
  }
}

}  // namespace

const Rule executor_cannot_run{
    .id = "executor-cannot-run",
    .severity = Severity::error,
    .summary = "A task's type cannot run on its executor.",
    .explanation =
        R"(A `kubernetes` executor runs containers (`python`, `spark`), an `emr` executor runs `spark` steps, and the `airflow` executor runs what lives
inside Airflow (`job_start`, `job_end`, the CloudFormation tasks, declared types that are operators).)",
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
        executor: airflow_executor
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
        executor: default_k8s
)",
    .check = check,
};

}  // namespace liminal::rules
