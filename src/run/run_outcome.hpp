// How a run and its tasks ended, wherever it ran.
#pragma once

#include "liminal/run/run.hpp"

namespace liminal::run {

// A task after it may run.
[[nodiscard]] bool is_good(TaskState state);

// Tells how a task ended, as progress.
void tell_end(const World& world, const TaskResult& task);

// One case a task.
[[nodiscard]] report::Stage stage_of(const model::System& system, const model::Pipeline& pipeline,
                                     const std::vector<TaskResult>& tasks);

// Fills in the stage of a run on a target, and how to resume.
void end_target_run(RunResult& result, const model::System& system, const model::Pipeline& pipeline,
                    const Request& request, std::chrono::milliseconds took);

// The reason of a run that the pipeline's `timeout_minutes` ended.
[[nodiscard]] std::string time_limit_reached(const model::Pipeline& pipeline);

// What goes on from a run that failed.
[[nodiscard]] std::string command_to_resume(const model::Pipeline& pipeline, const Request& request,
                                            const std::string& run_id);

// The user no longer follows a run that goes on.
[[nodiscard]] tl::unexpected<Error> left_alone(const std::string& run_id, const std::string& how_to_stop);
// The run goes on, and what is asked about it does not answer.
[[nodiscard]] tl::unexpected<Error> lost_sight(const std::string& run_id, const std::string& how_to_see,
                                               const std::string& how_to_resume, Error error);

}  // namespace liminal::run
