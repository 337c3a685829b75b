#include <algorithm>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

class Checker {
 public:
  Checker(const model::System& system, DiagnosticSink& findings) : system_(system), findings_(findings) {}

  void require(const document::Value* object, std::string_view key, const std::string& path, const std::string& who,
               std::string_view example) {
    if (object == nullptr || !object->is_mapping()) return;  // its schema's
    const document::Value* value = object->find(key);
    if (value == nullptr || value->is_null())
      report(object, key, path, fmt::format("{} has no `{}`", who, key), fmt::format("add `{}`", example));
  }

  // The same of what is a text: nobody runs, or pulls, what is called nothing.
  void require_text(const document::Value* object, std::string_view key, const std::string& path,
                    const std::string& who, std::string_view example) {
    require(object, key, path, who, example);
    const document::Value* value = object == nullptr ? nullptr : object->find(key);
    if (value != nullptr && value->is_string() && is_blank(value->scalar))
      report(object, key, path, fmt::format("{} has an empty `{}`", who, key), fmt::format("write `{}`", example));
  }

  // What begins and ends every pipeline does nothing by itself.
  void require_work(const model::Pipeline& pipeline, const std::string& path) {
    const auto works = [](const model::Task& task) {
      return task.type != model::TaskType::job_start && task.type != model::TaskType::job_end;
    };
    if (std::any_of(pipeline.tasks.begin(), pipeline.tasks.end(), works)) return;
    Diagnostic found = finding(missing_key, system_, model::locate(pipeline.value, "pipeline"), path,
                               fmt::format("pipeline `{}` has no tasks: its runs do nothing", pipeline.name));
    found.severity = Severity::warning;
    found.value = "tasks";
    found.help = "add `tasks`, each with `task` and `type`";
    findings_.report(std::move(found));
  }

 private:
  void report(const document::Value* object, std::string_view key, const std::string& path, std::string message,
              std::string help) {
    Diagnostic found = finding(missing_key, system_, model::locate(object, key), path, std::move(message));
    found.value = key;
    found.help = std::move(help);
    findings_.report(std::move(found));
  }

  const model::System& system_;
  DiagnosticSink& findings_;
};

using Executors = ByName<model::Executor>;

// EMR runs Spark in a cluster of its own.
bool runs_on_emr(const model::Task& task, const Executors& executors) {
  const model::Executor* executor = executors.find(task.executor);
  return executor != nullptr && executor->type == model::ExecutorType::emr;
}

void check_task(Checker& checker, const TaskPlace& place, const Executors& executors) {
  const std::string who = fmt::format("task `{}`", place.task.name);
  checker.require(place.task.value, "type", place.path, who, "type: python");
  if (model::runs_in_container(place.task.type) && !runs_on_emr(place.task, executors))
    checker.require_text(place.task.value, "image", place.path, who, "image: NAME");
  // One of a declared type is given its command by the type.
  if (place.task.type_name == "python")
    checker.require_text(place.task.value, "cmd", place.path, who, "cmd: python -u SCRIPT.py");
  if (place.task.type_name == "create_cloudformation_stack" || place.task.type_name == "delete_cloudformation_stack")
    checker.require_text(place.task.value, "stack_name", place.path, who, "stack_name: NAME");
  if (place.task.type == model::TaskType::spark) {
    checker.require_text(place.task.value, "application_source", place.path, who, "application_source: SCRIPT.py");
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_pipeline(subject, findings, [&](const PipelinePlace& place) {
    Checker checker(place.system, findings);
    const std::string who = fmt::format("pipeline `{}`", place.pipeline.name);
    checker.require(place.pipeline.value, "start_date", place.path, who, "start_date: 2026-01-31");
    checker.require(place.pipeline.value, "timeout_minutes", place.path, who, "timeout_minutes: 60");
    checker.require_work(place.pipeline, place.path);
  });
  for (const model::System& system : subject.systems) {
    Checker checker(system, findings);
    const Executors executors(system.executors);
    for_each_task(system, findings, [&](const TaskPlace& place) { check_task(checker, place, executors); });
    for (const model::Image& image : system.images) {
      checker.require(image.value, "type", item_path("images", image.name), fmt::format("image `{}`", image.name),
                      "type: python");
    }
    for (const model::Service& service : system.services) {
      checker.require_text(service.value, "image", item_path("services", service.name),
                           fmt::format("service `{}`", service.name), "image: NAME");
    }
  }
}

}  // namespace

const Rule missing_key{
    .id = "missing-key",
    .severity = Severity::error,
    .summary = "Something required is set neither here nor in any layer above.",
    .explanation =
        R"(A pipeline needs `start_date` and `timeout_minutes`, a container task needs `image` and (for `python`) `cmd`, a task and an image need a `type`, a CloudFormation task a `stack_name`.
An empty text is as good as none. A pipeline without tasks is a warning.
Each may come from the layers above or from `task_defaults` and `pipeline_defaults`; this rule looks at what is left after everything is merged.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
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
)",
    .check = check,
};

}  // namespace liminal::rules
