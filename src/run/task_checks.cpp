#include <algorithm>

#include "scheduler.hpp"

namespace liminal::run {
namespace {

std::string place_of(const model::Value* value) {
  const auto location = model::locate(value, "task").location();
  if (!location) return "";
  return location->file + ":" + std::to_string(location->range.begin.line) + ": ";
}

// Empty when the task can run here.
std::string why_not(const Job& job, const model::Task& task) {
  using model::TaskType;
  if (task.type == TaskType::job_start || task.type == TaskType::job_end) return "";
  if (!model::runs_in_container(task.type)) {
    return "a task of type `" + task.type_name + "` cannot run here; deploy the pipeline to Airflow to run it";
  }
  const model::Executor* executor = job.system->find_executor(task.executor);
  if (executor != nullptr && executor->type != model::ExecutorType::kubernetes) {
    return "its executor `" + executor->name + "` is of type `" + executor->type_name +
           "`; only tasks of a `kubernetes` executor run here, deploy the pipeline to run it there";
  }
  if (executor != nullptr) {
    if (const auto limits = limits_of(*executor); !limits) return limits.error().message;
  }
  if (!job.images->contains(task.image)) {
    return "its image `" + task.image + "` is not built; give it a `source` folder, or build it first";
  }
  return "";
}

}  // namespace

Status check_tasks(const Job& job) {
  Error error{ErrorKind::usage, "the pipeline `" + job.pipeline->name + "` cannot run here", "", {}, {}, false};
  for (const model::Task& task : job.pipeline->tasks) {
    const std::string reason = why_not(job, task);
    if (!reason.empty()) error.causes.push_back(place_of(task.value) + "task `" + task.name + "`: " + reason);
    for (const std::string& before : task.depends_on) {
      if (job.pipeline->find_task(before) == nullptr) {
        error.causes.push_back(place_of(task.value) + "task `" + task.name + "` depends on `" + before +
                               "`, which is not there");
      }
    }
  }
  for (const std::string& name : job.only_tasks) {
    if (job.pipeline->find_task(name) == nullptr) error.causes.push_back("there is no task `" + name + "`");
  }
  std::size_t placed = 0;
  for (const auto& wave : model::waves(*job.pipeline)) placed += wave.size();
  if (error.causes.empty() && placed != job.pipeline->tasks.size()) {
    error.causes.emplace_back("some of its tasks depend on each other in a circle");
  }
  if (error.causes.empty()) return {};
  return tl::unexpected(std::move(error));
}

}  // namespace liminal::run
