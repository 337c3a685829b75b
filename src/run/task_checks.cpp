#include <algorithm>

#include "liminal/base/edit_distance.hpp"

#include "scheduler.hpp"

namespace liminal::run {
namespace {

std::string place_of(const Location& location) {
  if (location.file.empty()) return "";
  const Position at = location.range.begin;
  return location.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
}

std::string told(const Error& error) {
  std::string text = error.message;
  for (const std::string& cause : error.causes) text += ": " + cause;
  return error.advice.empty() ? text : text + "; " + error.advice;
}

// Of the task as a whole; empty when there is none.
std::string why_not(const model::System& system, const std::map<std::string, build::BuiltImage>* images,
                    const model::Task& task) {
  using model::TaskType;
  if (task.type == TaskType::job_start || task.type == TaskType::job_end) return "";
  if (task.type == TaskType::airflow_operator) {
    return "its type `" + task.type_name + "` is an operator of Airflow's; deploy the pipeline to Airflow to run it";
  }
  if (!model::runs_in_container(task.type)) {
    return "a task of type `" + task.type_name + "` cannot run here; deploy the pipeline to Airflow to run it";
  }
  const model::Executor* executor = system.find_executor(task.executor);
  if (executor != nullptr && executor->type != model::ExecutorType::kubernetes) {
    return "its executor `" + executor->name + "` is of type `" + executor->type_name +
           "`; only tasks of a `kubernetes` executor run here, deploy the pipeline to run it there";
  }
  if (executor != nullptr) {
    if (const auto limits = limits_of(*executor); !limits) return limits.error().message;
  }
  if (images != nullptr && !images->contains(task.image)) {
    return "its image `" + task.image + "` is not built; give it a `source` folder, or build it first";
  }
  return "";
}

}  // namespace

Status check_task_names(const model::Pipeline& pipeline, const std::vector<std::string>& only_tasks) {
  std::vector<std::string_view> known;
  std::string list;
  for (const model::Task& task : pipeline.tasks) {
    known.emplace_back(task.name);
    list += (list.empty() ? "" : ", ") + task.name;
  }
  for (const std::string& name : only_tasks) {
    if (pipeline.find_task(name) != nullptr) continue;
    const auto meant = nearest(name, known);
    return fail(ErrorKind::usage, "the pipeline `" + pipeline.name + "` has no task `" + name + "`",
                (meant ? "did you mean `" + *meant + "`? " : std::string()) + "its tasks: " + list);
  }
  return {};
}

Status check_tasks(const TaskPlace& run, const std::vector<std::string>& only_tasks,
                   const std::map<std::string, build::BuiltImage>* images) {
  const model::Pipeline& pipeline = *run.pipeline;
  if (auto named = check_task_names(pipeline, only_tasks); !named) return named;
  Error error{ErrorKind::usage, "the pipeline `" + pipeline.name + "` cannot run here", "", {}, {}, false};
  for (const model::Task& task : pipeline.tasks) {
    const auto tell = [&](const Location& location, const std::string& what) {
      error.causes.push_back(place_of(location) + "task `" + task.name + "`" + what);
    };
    const auto tell_at = [&](std::string_view key, const std::string& what) {
      tell(model::locate(task.value, key).location().value_or(Location{}), what);
    };
    TaskPlace place = run;
    place.task = &task;
    if (const std::string reason = why_not(*run.system, images, task); !reason.empty()) {
      tell_at("task", ": " + reason);
    } else if (const auto rendered = check_templates(place); !rendered) {
      tell(rendered.error().location, ": " + told(rendered.error()));
    }
    const bool asked =
        only_tasks.empty() || std::find(only_tasks.begin(), only_tasks.end(), task.name) != only_tasks.end();
    if (const auto there = check_secrets(place); asked && !there)
      tell(there.error().location, ": " + told(there.error()));
    for (const std::string& before : task.depends_on) {
      if (pipeline.find_task(before) == nullptr)
        tell_at("depends_on", " depends on `" + before + "`, which is not there");
    }
  }
  std::size_t placed = 0;
  for (const auto& wave : model::waves(pipeline)) placed += wave.size();
  if (error.causes.empty() && placed != pipeline.tasks.size()) {
    error.causes.emplace_back("some of its tasks depend on each other in a circle");
  }
  if (error.causes.empty()) return {};
  return tl::unexpected(std::move(error));
}

}  // namespace liminal::run
