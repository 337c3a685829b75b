// The run stage: one pipeline, here in containers from the images just built (run --local), or by the engine that it is
// deployed to (on_target.hpp).
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "liminal/base/world.hpp"
#include "liminal/build/build.hpp"
#include "liminal/model/model.hpp"
#include "liminal/report/run_report.hpp"

namespace liminal::run {

enum class RuntimeChoice { automatic, docker, crun, runc };

// What can be asked of any run.
struct Request {
  std::optional<std::chrono::sys_seconds> logical_date;  // default: now, whole seconds
  std::map<std::string, std::string> params;             // --param k=v: run conf
  std::optional<std::string> resume;    // a run id, or "latest": tasks that succeeded there are not run again
  std::vector<std::string> only_tasks;  // --task
  // What was typed, for a shell, without --resume and --param; empty: the plainest that does it.
  std::string repeat_command;
};

struct Options : Request {
  RuntimeChoice runtime = RuntimeChoice::automatic;
  std::filesystem::path state;  // PROJECT/.liminal: run folders below runs/, unpacked images below bundles/
};

enum class TaskState {
  succeeded,
  failed,
  timed_out,
  interrupted,
  not_run,
  skipped,
  kept
};  // kept: succeeded in the run resumed from
[[nodiscard]] std::string_view to_string(TaskState state);

struct TaskResult {
  std::string task;
  TaskState state = TaskState::not_run;
  int exit_status = 0;
  unsigned attempts = 0;
  std::chrono::milliseconds took{0};
  std::string detail;  // why: exit status 3, timed out after 45 min, out of memory
  std::filesystem::path log;
  std::vector<std::string> last_lines;
};

struct RunResult {
  std::string run_id;
  std::filesystem::path folder;  // of a run here
  std::string runtime;           // which one, and its version
  std::string page;              // of the run, in an engine that has pages
  bool succeeded = false;
  std::vector<TaskResult> tasks;  // in the order of the pipeline
  std::string reason;             // why the run as a whole failed, where its tasks do not tell
  std::string resume_command;     // empty when it succeeded
  report::Stage stage;            // one case a task
};

// What can be found wrong before an image is built: tasks of `options` that are not there, a run to resume that is not,
// and what no machine can run. Errors: usage.
[[nodiscard]] Status check(const World& world, const model::System& system, const model::Pipeline& pipeline,
                           const Options& options);

// `images` are those that the pipeline's tasks use, by model name. Errors: no runtime works (unavailable, with what
// each said).
[[nodiscard]] Result<RunResult> run_pipeline(const World& world, const model::System& system,
                                             const model::Pipeline& pipeline,
                                             const std::map<std::string, build::BuiltImage>& images,
                                             const build::Options& build_options, const Options& options);

}  // namespace liminal::run
