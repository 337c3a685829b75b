// Runs the tasks of one pipeline in the order of its graph, as many at once as the world allows.
#pragma once

#include "liminal/run/run.hpp"

#include "run_record.hpp"
#include "runtime.hpp"
#include "task_container.hpp"

namespace liminal::run {

struct Job {
  const World* world = nullptr;
  const model::System* system = nullptr;
  const model::Pipeline* pipeline = nullptr;
  const std::map<std::string, build::BuiltImage>* images = nullptr;
  Runtime* runtime = nullptr;
  std::filesystem::path folder;           // of this run
  std::filesystem::path volumes;          // folders of volumes without a local path
  std::vector<std::string> only_tasks;    // empty: all
  std::optional<RunRecord> resumed_from;  // its tasks that succeeded are kept when nothing changed for them
};

// The place of each task of the run, but for the task and its image.
[[nodiscard]] TaskPlace shared_by_tasks(const Job& job, const RunRecord& record);

// Errors (usage): the pipeline has no such task, with the nearest one.
[[nodiscard]] Status check_task_names(const model::Pipeline& pipeline, const std::vector<std::string>& only_tasks);

// What cannot run here, found before anything starts. One error for all of it, but of `only_tasks` an error of its own.
// `run` is what the tasks share. `images`: null as long as none is built.
[[nodiscard]] Status check_tasks(const TaskPlace& run, const std::vector<std::string>& only_tasks,
                                 const std::map<std::string, build::BuiltImage>* images);

// Runs to the end; `record` is kept up to date on disk. The results stand in the pipeline's order.
[[nodiscard]] std::vector<TaskResult> run_tasks(const Job& job, RunRecord& record);

}  // namespace liminal::run
