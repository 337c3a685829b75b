// From a task of the model to the container that runs it.
#pragma once

#include <string>

#include "liminal/engine/airflow_macros.hpp"
#include "liminal/model/model.hpp"

#include "runtime.hpp"

namespace liminal::run {

struct TaskPlace {
  const World* world = nullptr;
  const model::System* system = nullptr;
  const model::Pipeline* pipeline = nullptr;
  const model::Task* task = nullptr;
  const build::BuiltImage* image = nullptr;
  std::filesystem::path volumes;  // folders of volumes without a local path
  std::string dag_run_id;
  std::chrono::sys_seconds logical_date;
  std::map<std::string, std::string> params;
};

// Whether the task's command and environment can be rendered in this run; it needs no image. The error has their place.
[[nodiscard]] Status check_templates(const TaskPlace& place);
// Whether the files of the task's secrets are there. The error has the place of the secret's file.
[[nodiscard]] Status check_secrets(const TaskPlace& place);

// Copy `copy` of the task at its attempt. Name, time limit and output are the caller's to fill in. Makes the folders of
// its volumes.
[[nodiscard]] Result<Container> task_container(const TaskPlace& place, unsigned copy, unsigned attempt);

// What decides whether a task that succeeded before would do the same again: image, command, environment, mounts.
[[nodiscard]] std::string task_key(const Container& container);

}  // namespace liminal::run
