#include "task_run.hpp"

#include <algorithm>
#include <deque>
#include <fstream>
#include <mutex>
#include <utility>

#include "liminal/base/thread_pool.hpp"
#include "liminal/engine/engine.hpp"

namespace liminal::run {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kept_lines = 20;
constexpr std::chrono::seconds usual_retry_delay{300};  // Airflow's

// Everything the task prints: to the terminal, to TASK.log, and its last lines to the summary.
class TaskLog {
 public:
  TaskLog(const World& world, std::string task, const std::filesystem::path& file)
      : world_(world), task_(std::move(task)) {
    // Made for its owner alone: what a task prints may hold secrets. That it cannot be made is told at the first line.
    if (world.files.write(file, "", 0600)) file_.open(file, std::ios::binary | std::ios::app);
  }

  void add(std::string_view line) {
    const std::lock_guard lock(mutex_);
    file_ << line << '\n' << std::flush;
    if (!file_ && !std::exchange(told_, true))
      world_.progress.output(task_, "note: its log cannot be kept: is the disk full?");
    last_.emplace_back(line.substr(0, 1000));
    if (last_.size() > kept_lines) last_.pop_front();
    world_.progress.output(task_, line);
  }
  [[nodiscard]] std::vector<std::string> last() const { return {last_.begin(), last_.end()}; }

 private:
  const World& world_;
  std::string task_;
  std::mutex mutex_;
  std::ofstream file_;
  std::deque<std::string> last_;
  bool told_ = false;  // that the file cannot be written
};

struct CopyResult {
  TaskState state = TaskState::not_run;
  int exit_status = 0;
  unsigned attempts = 0;
  std::string detail;
};

// Fit for Docker, for a control group and for a host name.
std::string container_name(const std::string& run_id, const std::string& task, unsigned copy, unsigned attempt) {
  return engine::kubernetes_name("liminal-" + run_id + "-" + task + "-" + std::to_string(copy) + "-" +
                                 std::to_string(attempt));
}

class CopyRun {
 public:
  CopyRun(const TaskRun& run, unsigned copy, TaskLog& log)
      : run_(run), world_(*run.job->world), copy_(copy), log_(log) {}

  CopyResult go() {
    const model::Task& task = *run_.place.task;
    const unsigned attempts = task.retries.value_or(0) + 1;
    while (true) {
      ++result_.attempts;
      attempt();
      if (result_.state != TaskState::failed || result_.attempts >= attempts || !wait(task)) return result_;
    }
  }

 private:
  void attempt() {
    auto container = task_container(run_.place, copy_, result_.attempts);
    if (!container) return refuse(container.error());
    limits_ = container->limits;
    container->name =
        container_name(run_.job->folder.filename().string(), run_.place.task->name, copy_, result_.attempts);
    container->timeout = left();
    container->on_line = [this](std::string_view line) { log_.add(line); };
    auto exit = run_.job->runtime->run(*container);
    if (!exit) return refuse(exit.error());
    take(*exit);
  }

  void refuse(const Error& error) {
    result_.state = TaskState::failed;
    result_.exit_status = 125;  // as `docker run` says that the container itself could not be started
    result_.detail = error.message;
    log_.add(error.message);
    for (const std::string& cause : error.causes) log_.add("  " + cause);
    if (!error.advice.empty()) log_.add("  " + error.advice);
  }

  void take(const Exit& exit) {
    result_.exit_status = exit.status;
    if (exit.cancelled) {
      result_.state = TaskState::interrupted;
    } else if (exit.timed_out) {
      result_.state = TaskState::timed_out;
      const auto limit = run_.place.pipeline->timeout.value_or(std::chrono::minutes(0));
      result_.detail = "stopped: the run's time limit of " + std::to_string(limit.count()) + " min was reached";
    } else if (exit.out_of_memory) {
      result_.state = TaskState::failed;
      const std::string& limit = limits_.memory_text;
      result_.detail = "killed: out of memory, " + (limit.empty() ? "this machine has no more" : "limit " + limit);
    } else {
      result_.state = exit.status == 0 ? TaskState::succeeded : TaskState::failed;
      result_.detail = exit.status == 0 ? "" : "exit status " + std::to_string(exit.status);
      if (!exit.detail.empty()) result_.detail += ", " + exit.detail;
    }
  }

  [[nodiscard]] std::optional<milliseconds> left() const {
    if (!run_.deadline) return std::nullopt;
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(*run_.deadline - world_.clock.monotonic()));
  }

  // Until the next attempt; false when there is none after all.
  bool wait(const model::Task& task) {
    const std::chrono::seconds delay = task.retry_delay.value_or(usual_retry_delay);
    log_.add("attempt " + std::to_string(result_.attempts) + " failed (" + result_.detail + "), next in " +
             std::to_string(delay.count()) + " s");
    const auto end = world_.clock.monotonic() + delay;
    while (world_.clock.monotonic() < end) {
      if (world_.cancellation.requested() || (run_.deadline && world_.clock.monotonic() >= *run_.deadline))
        return false;
      world_.clock.sleep_for(milliseconds(50));
    }
    return !world_.cancellation.requested();
  }

  const TaskRun& run_;
  const World& world_;
  unsigned copy_;
  TaskLog& log_;
  Limits limits_;
  CopyResult result_;
};

}  // namespace

TaskResult run_task(const TaskRun& run) {
  const model::Task& task = *run.place.task;
  const auto begin = run.job->world->clock.monotonic();
  TaskResult result;
  result.task = task.name;
  result.log = run.job->folder / (task.name + ".log");
  TaskLog log(*run.job->world, task.name, result.log);
  if (task.push_xcom) log.add("note: do_xcom_push has no effect in a run outside Airflow");
  const unsigned copies = std::max(1U, task.copies);
  std::vector<CopyResult> done(copies);
  // All copies at once, since they may wait for each other.
  parallel_for(copies, copies,
               [&](std::size_t copy) { done[copy] = CopyRun(run, static_cast<unsigned>(copy), log).go(); });
  result.state = TaskState::succeeded;
  for (unsigned copy = 0; copy < copies; ++copy) {
    result.attempts = std::max(result.attempts, done[copy].attempts);
    if (done[copy].state == TaskState::succeeded || result.state != TaskState::succeeded) continue;
    result.state = done[copy].state;
    result.exit_status = done[copy].exit_status;
    result.detail = done[copy].detail;
    if (copies > 1 && !result.detail.empty()) result.detail = "copy " + std::to_string(copy) + ": " + result.detail;
  }
  result.last_lines = log.last();
  result.took = std::chrono::ceil<milliseconds>(run.job->world->clock.monotonic() - begin);
  return result;
}

}  // namespace liminal::run
