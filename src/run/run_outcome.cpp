#include "run_outcome.hpp"

#include <fmt/format.h>

#include "liminal/report/counted.hpp"

namespace liminal::run {

namespace {

Progress::Outcome progress_of(TaskState state) {
  switch (state) {
    case TaskState::succeeded:
      return Progress::Outcome::done;
    case TaskState::kept:
      return Progress::Outcome::unchanged;
    case TaskState::interrupted:
      return Progress::Outcome::interrupted;
    case TaskState::failed:
    case TaskState::timed_out:
      return Progress::Outcome::failed;
    case TaskState::not_run:
    case TaskState::skipped:
      break;
  }
  return Progress::Outcome::skipped;
}

report::Outcome outcome_of(TaskState state) {
  switch (state) {
    case TaskState::succeeded:
      return report::Outcome::passed;
    case TaskState::kept:
      return report::Outcome::unchanged;
    case TaskState::failed:
    case TaskState::timed_out:
    case TaskState::interrupted:
      return report::Outcome::failed;
    case TaskState::not_run:
    case TaskState::skipped:
      break;
  }
  return report::Outcome::skipped;
}

}  // namespace

std::string_view to_string(TaskState state) {
  switch (state) {
    case TaskState::succeeded:
      return "succeeded";
    case TaskState::failed:
      return "failed";
    case TaskState::timed_out:
      return "timed out";
    case TaskState::interrupted:
      return "interrupted";
    case TaskState::not_run:
      return "not run";
    case TaskState::skipped:
      return "skipped";
    case TaskState::kept:
      return "kept";
  }
  return "";
}

bool is_good(TaskState state) {
  return state == TaskState::succeeded || state == TaskState::kept || state == TaskState::skipped;
}

void tell_end(const World& world, const TaskResult& task) {
  const bool said = !task.detail.empty() || task.state == TaskState::interrupted;
  const std::string summary(said ? std::string_view(task.detail) : to_string(task.state));
  world.progress.finished(task.task, progress_of(task.state), summary, task.took);
}

report::Stage stage_of(const model::System& system, const model::Pipeline& pipeline,
                       const std::vector<TaskResult>& tasks) {
  report::Stage stage;
  stage.name = "run";
  for (const TaskResult& task : tasks) {
    report::Case& entry = stage.cases.emplace_back();
    entry.group = system.name + "/" + pipeline.name;
    entry.name = task.task;
    entry.summary = task.detail;
    entry.took = task.took;
    entry.outcome = outcome_of(task.state);
    for (const std::string& line : task.last_lines) entry.output += line + "\n";
    if (const auto location = model::locate(pipeline.find_task(task.task)->value, "task").location()) {
      entry.file = location->file;
      entry.position = location->range.begin;
    }
  }
  return stage;
}

void end_target_run(RunResult& result, const model::System& system, const model::Pipeline& pipeline,
                    const Request& request, std::chrono::milliseconds took) {
  result.stage = stage_of(system, pipeline, result.tasks);
  result.stage.outcome = result.succeeded ? report::Outcome::passed : report::Outcome::failed;
  result.stage.took = took;
  result.stage.summary = "ran by " + result.runtime;
  if (result.succeeded) return;
  result.resume_command = command_to_resume(pipeline, request, result.run_id);
}

std::string time_limit_reached(const model::Pipeline& pipeline) {
  const auto place = model::locate(pipeline.value, "timeout_minutes").location();
  return fmt::format("its time limit of {} ended it (`timeout_minutes`{})",
                     report::counted(static_cast<std::size_t>(pipeline.timeout->count()), "minute"),
                     place ? fmt::format(", {}:{}", place->file, place->range.begin.line) : "");
}

std::string command_to_resume(const model::Pipeline& pipeline, const Request& request, const std::string& run_id) {
  const std::string typed = request.repeat_command.empty() ? "liminal run " + pipeline.name : request.repeat_command;
  return typed + " --resume " + run_id;
}

tl::unexpected<Error> left_alone(const std::string& run_id, const std::string& how_to_stop) {
  return fail(ErrorKind::interrupted, fmt::format("the run {} goes on; it is followed no more", run_id),
              "to end it: " + how_to_stop);
}

tl::unexpected<Error> lost_sight(const std::string& run_id, const std::string& how_to_see,
                                 const std::string& how_to_resume, Error error) {
  error = std::move(error).wrap(fmt::format("the run {} goes on by itself; it cannot be followed any more", run_id));
  error.advice = fmt::format("to see it: {}. If it has failed by then, go on with: {}", how_to_see, how_to_resume);
  error.transient = false;  // run again, it would be a second run
  return tl::unexpected(std::move(error));
}

}  // namespace liminal::run
