#include "scheduler.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "liminal/base/thread.hpp"
#include "liminal/report/counted.hpp"

#include "run_outcome.hpp"
#include "task_run.hpp"

namespace liminal::run {
namespace {

class Scheduler {
 public:
  Scheduler(const Job& job, RunRecord& record) : job_(job), record_(record), world_(*job.world) {
    for (const model::Task& task : job.pipeline->tasks) {
      results_.emplace_back().task = task.name;
      phases_.push_back(Phase::waiting);
      carried_.push_back(false);
    }
    if (job.pipeline->timeout) deadline_ = world_.clock.monotonic() + *job.pipeline->timeout;
  }

  std::vector<TaskResult> go() {
    std::vector<std::jthread> threads;
    {
      std::unique_lock lock(mutex_);
      while (true) {
        while (settle_one() || start_one(threads, lock)) {
        }
        if (running_ == 0) break;
        changed_.wait(lock);
      }
    }
    threads.clear();
    return std::move(results_);
  }

 private:
  enum class Phase { waiting, running, done };

  [[nodiscard]] const model::Task& task(std::size_t at) const { return job_.pipeline->tasks[at]; }

  [[nodiscard]] std::size_t index_of(const std::string& name) const {
    return static_cast<std::size_t>(job_.pipeline->find_task(name) - job_.pipeline->tasks.data());
  }

  [[nodiscard]] bool ready(std::size_t at) const {
    const auto& before = task(at).depends_on;
    return phases_[at] == Phase::waiting && std::all_of(before.begin(), before.end(), [this](const std::string& name) {
             return phases_[index_of(name)] == Phase::done;
           });
  }

  [[nodiscard]] const std::string* failed_before(std::size_t at) const {
    for (const std::string& name : task(at).depends_on) {
      if (!is_good(results_[index_of(name)].state)) return &name;
    }
    return nullptr;
  }

  [[nodiscard]] bool out_of_time() const { return deadline_ && world_.clock.monotonic() >= *deadline_; }

  // Settles a ready task that needs no container. False when there is none.
  bool settle_one() {
    for (std::size_t at = 0; at < phases_.size(); ++at) {
      if (ready(at) && settle(at)) return true;
    }
    return false;
  }

  bool settle(std::size_t at) {
    const model::Task& current = task(at);
    if (current.type == model::TaskType::job_end) return finish_job(at);
    const std::string* culprit = failed_before(at);
    if (world_.cancellation.requested()) return put(at, TaskState::not_run, "interrupted");
    if (out_of_time()) return put(at, TaskState::not_run, "the run's time limit was reached");
    if (culprit != nullptr && !job_.pipeline->always_run) {
      return put(at, TaskState::not_run, "`" + *culprit + "` did not succeed");
    }
    if (current.type == model::TaskType::job_start) return put(at, TaskState::succeeded, "");
    const auto& only = job_.only_tasks;
    if (!only.empty() && std::find(only.begin(), only.end(), current.name) == only.end()) {
      carry_over(at);
      return put(at, TaskState::skipped, "not asked for");
    }
    return keep(at);
  }

  // Fails when any task before it did, as Apache Liminal's does.
  bool finish_job(std::size_t at) {
    std::size_t bad = 0;
    for (std::size_t other = 0; other < phases_.size(); ++other) {
      if (other != at && phases_[other] == Phase::done && !is_good(results_[other].state)) ++bad;
    }
    if (bad == 0) return put(at, TaskState::succeeded, "");
    return put(at, TaskState::failed, report::counted(bad, "task") + " did not succeed");
  }

  // What the run resumed from says of a task that is not asked for stays true, unless what it depends on ran again.
  void carry_over(std::size_t at) {
    if (!job_.resumed_from) return;
    const auto before = job_.resumed_from->tasks.find(task(at).name);
    if (before == job_.resumed_from->tasks.end()) return;
    const auto& needed = task(at).depends_on;
    carried_[at] = std::all_of(needed.begin(), needed.end(), [this](const std::string& name) {
      const std::size_t other = index_of(name);
      return !model::runs_in_container(task(other).type) || carried_[other] || results_[other].state == TaskState::kept;
    });
    if (carried_[at]) record_.tasks[task(at).name] = before->second;
  }

  // A task that succeeded in the run resumed from and would be the same again.
  bool keep(std::size_t at) {
    auto container = task_container(place(at), 0, 1);
    if (!container) return false;  // the run of the task tells why
    const std::string key = task_key(*container);
    record_.tasks[task(at).name].key = key;
    if (!job_.resumed_from) return false;
    const auto before = job_.resumed_from->tasks.find(task(at).name);
    if (before == job_.resumed_from->tasks.end()) return false;
    if (before->second.state != "succeeded" && before->second.state != "kept") return false;
    if (before->second.key != key) {
      world_.progress.output(task(at).name, "runs again: its image, command, environment or mounts changed");
      return false;
    }
    for (const std::string& name : task(at).depends_on) {
      const std::size_t other = index_of(name);
      if (model::runs_in_container(task(other).type) && results_[other].state != TaskState::kept) {
        world_.progress.output(task(at).name, "runs again: `" + name + "` before it ran again");
        return false;
      }
    }
    return put(at, TaskState::kept, "succeeded in " + job_.resumed_from->run_id);
  }

  bool put(std::size_t at, TaskState state, std::string detail) {
    results_[at].state = state;
    results_[at].detail = std::move(detail);
    finish(at);
    return true;
  }

  void finish(std::size_t at) {
    phases_[at] = Phase::done;
    const TaskResult& result = results_[at];
    tell_end(world_, result);
    if (!carried_[at]) {
      RecordedTask& recorded = record_.tasks[result.task];
      recorded.state = to_string(result.state);
      recorded.exit_status = result.exit_status;
      recorded.attempts = result.attempts;
    }
    write();
  }

  void write() { record_.write(world_, job_.folder); }

  [[nodiscard]] TaskPlace place(std::size_t at) const {
    TaskPlace place = shared_by_tasks(job_, record_);
    place.task = &task(at);
    place.image = &job_.images->find(task(at).image)->second;
    return place;
  }

  bool start_one(std::vector<std::jthread>& threads, std::unique_lock<std::mutex>& lock) {
    if (running_ >= std::max(1U, world_.jobs)) return false;
    for (std::size_t at = 0; at < phases_.size(); ++at) {
      if (!ready(at)) continue;
      phases_[at] = Phase::running;
      ++running_;
      record_.tasks[task(at).name].state = "running";
      write();
      world_.progress.started(task(at).name, "running");
      const auto work = [this, at, run = TaskRun{&job_, place(at), deadline_}] {
        TaskResult result = run_task(run);
        const std::lock_guard done(mutex_);
        results_[at] = std::move(result);
        finish(at);
        --running_;
        changed_.notify_one();
      };
      if (auto thread = start_thread(work)) {
        threads.push_back(std::move(*thread));
      } else {  // no more threads: this one does it
        lock.unlock();
        work();
        lock.lock();
      }
      return true;
    }
    return false;
  }

  const Job& job_;
  RunRecord& record_;
  const World& world_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<TaskResult> results_;
  std::vector<Phase> phases_;
  std::vector<bool> carried_;  // what is recorded of the task is of the run resumed from
  std::optional<Clock::Monotonic> deadline_;
  unsigned running_ = 0;
};

}  // namespace

TaskPlace shared_by_tasks(const Job& job, const RunRecord& record) {
  TaskPlace place;
  place.world = job.world;
  place.system = job.system;
  place.pipeline = job.pipeline;
  place.volumes = job.volumes;
  place.dag_run_id = record.dag_run_id;
  place.logical_date = record.logical_date;
  place.params = record.params;
  return place;
}

std::vector<TaskResult> run_tasks(const Job& job, RunRecord& record) {
  return Scheduler(job, record).go();
}

}  // namespace liminal::run
