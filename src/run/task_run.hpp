// One task from its first attempt to its last, with all of its parallel copies.
#pragma once

#include "scheduler.hpp"
#include "task_container.hpp"

namespace liminal::run {

struct TaskRun {
  const Job* job = nullptr;
  TaskPlace place;
  std::optional<Clock::Monotonic> deadline;  // of the whole run
};

[[nodiscard]] TaskResult run_task(const TaskRun& run);

}  // namespace liminal::run
