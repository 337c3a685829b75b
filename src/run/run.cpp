#include "liminal/run/run.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/state_folder.hpp"

#include "choose_runtime.hpp"
#include "leftovers.hpp"
#include "run_outcome.hpp"
#include "run_record.hpp"
#include "scheduler.hpp"

namespace liminal::run {
namespace {

// Begins with the time to the millisecond, so that ids sort by age; ends in the process, so that two runs never meet.
std::string new_run_id(const World& world) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(world.clock.now());
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(now));
  const std::chrono::hh_mm_ss time(now - std::chrono::floor<std::chrono::days>(now));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02u-%02ld%02ld%02ld%03ld-%d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<long>(time.hours().count()), static_cast<long>(time.minutes().count()),
                static_cast<long>(time.seconds().count()), static_cast<long>(time.subseconds().count()),
                static_cast<int>(::getpid()));
  return text.data();
}

Result<RunRecord> begin_record(const World& world, const Job& job, const Options& options) {
  RunRecord record;
  record.run_id = new_run_id(world);
  record.pipeline = job.pipeline->name;
  record.system = job.system->name;
  if (job.resumed_from) {
    // The same run to the tasks: same date, same conf, same id in templates.
    record.dag_run_id = job.resumed_from->dag_run_id;
    record.logical_date = job.resumed_from->logical_date;
    record.params = job.resumed_from->params;
  } else {
    record.dag_run_id = "local__" + record.run_id;
    record.logical_date = options.logical_date.value_or(std::chrono::floor<std::chrono::seconds>(world.clock.now()));
  }
  for (const auto& [name, value] : options.params) record.params[name] = value;
  return record;
}

// For its owner alone: the record holds the run's conf, and logs what the tasks print.
Status make_run_folder(const World& world, const std::filesystem::path& folder) {
  if (auto made = world.files.make_directories(folder.parent_path()); !made) return made;
  if (::mkdir(folder.c_str(), 0700) == 0) return {};
  return fail(ErrorKind::failed, "the run's folder " + folder.string() + " cannot be made: " + std::strerror(errno));
}

// Makes the run's folder and marks it. One at a time: who tidies up would take a run that is not marked yet for one
// that was killed.
Result<RunMark> mark_run(const World& world, const std::filesystem::path& state, const std::filesystem::path& folder) {
  if (auto made = world.files.make_directories(state); !made) return tl::unexpected(std::move(made.error()));
  if (auto made = make_state_folder(world.files, state); !made) return tl::unexpected(std::move(made.error()));
  const auto turn = FileLock::acquire(state / "runs.lock", world.cancellation);
  if (!turn) return tl::unexpected(turn.error());
  if (auto made = make_run_folder(world, folder); !made) return tl::unexpected(std::move(made.error()));
  remove_leftovers(world, state / "runs");
  return RunMark::make(world, folder);
}

// The record of the run to go on from, once that run has ended: two runs of one task at a time would meet in its
// volumes.
Result<RunRecord> resumed_record(const World& world, const model::Pipeline& pipeline, const Options& options) {
  const std::filesystem::path runs = options.state / "runs";
  auto record = read_record(world, runs, *options.resume, pipeline.name);
  if (!record) return record;
  const auto unfinished = goes_on(world, runs / record->run_id);
  if (!unfinished) return tl::unexpected(unfinished.error());
  if (!*unfinished) return record;
  return fail(ErrorKind::usage, "the run `" + record->run_id + "` still goes on: there is nothing to go on from yet",
              "wait for its end, or stop it with Ctrl-C where it was started; then --resume " + record->run_id);
}

}  // namespace

Status check(const World& world, const model::System& system, const model::Pipeline& pipeline, const Options& options) {
  Job job;
  job.world = &world;
  job.system = &system;
  job.pipeline = &pipeline;
  if (auto named = check_task_names(pipeline, options.only_tasks); !named) return named;
  if (options.resume) {
    auto earlier = resumed_record(world, pipeline, options);
    if (!earlier) return tl::unexpected(std::move(earlier.error()));
    job.resumed_from = std::move(*earlier);
  }
  const auto record = begin_record(world, job, options);
  if (!record) return tl::unexpected(record.error());
  return check_tasks(shared_by_tasks(job, *record), options.only_tasks, nullptr);
}

Result<RunResult> run_pipeline(const World& world, const model::System& system, const model::Pipeline& pipeline,
                               const std::map<std::string, build::BuiltImage>& images,
                               const build::Options& build_options, const Options& options) {
  const auto begin = world.clock.monotonic();
  Job job{&world,      &system, &pipeline, &images, nullptr, {}, options.state / "volumes", options.only_tasks,
          std::nullopt};
  if (options.resume) {
    auto earlier = resumed_record(world, pipeline, options);
    if (!earlier) return tl::unexpected(std::move(earlier.error()));
    job.resumed_from = std::move(*earlier);
  }
  auto record = begin_record(world, job, options);
  if (!record) return tl::unexpected(std::move(record.error()));
  if (auto checked = check_tasks(shared_by_tasks(job, *record), options.only_tasks, &images); !checked)
    return tl::unexpected(std::move(checked.error()));
  RunResult result;
  result.run_id = record->run_id;
  result.folder = options.state / "runs" / record->run_id;
  job.folder = result.folder;
  auto mark = mark_run(world, options.state, job.folder);
  if (!mark) return tl::unexpected(std::move(mark.error()));
  const Cancellation::Hold hold(world.cancellation);
  auto runtime = choose_runtime(job, build_options, options, *mark);
  if (!runtime) {
    mark->clear();
    // No task began, so there is nothing to go on from.
    static_cast<void>(world.files.remove_all(job.folder));
    return tl::unexpected(std::move(runtime.error()));
  }
  job.runtime = runtime->get();
  result.runtime = (*runtime)->description();
  result.tasks = run_tasks(job, *record);
  result.succeeded =
      std::all_of(result.tasks.begin(), result.tasks.end(), [](const TaskResult& task) { return is_good(task.state); });
  record->state = result.succeeded ? "succeeded" : world.cancellation.requested() ? "interrupted" : "failed";
  const bool recorded = record->write(world, job.folder);
  runtime->reset();
  mark->clear();
  result.stage = stage_of(system, pipeline, result.tasks);
  result.stage.outcome = result.succeeded ? report::Outcome::passed : report::Outcome::failed;
  result.stage.took = std::chrono::ceil<std::chrono::milliseconds>(world.clock.monotonic() - begin);
  result.stage.summary = "ran by " + result.runtime;
  if (!result.succeeded && recorded) {
    const std::string typed =
        options.repeat_command.empty() ? "liminal run " + pipeline.name + " --local" : options.repeat_command;
    result.resume_command = typed + " --resume " + record->run_id;
  }
  return result;
}

}  // namespace liminal::run
