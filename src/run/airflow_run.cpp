#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <set>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "liminal/base/http_url.hpp"
#include "liminal/base/line_splitter.hpp"
#include "liminal/base/rfc3339.hpp"
#include "liminal/engine/engine.hpp"
#include "liminal/run/on_target.hpp"

#include "outage.hpp"
#include "run_outcome.hpp"

namespace liminal::run {

namespace {

constexpr std::chrono::milliseconds pause{1000};
constexpr std::chrono::seconds reading_patience{90};
// A small Airflow 2 reads no files while a task runs.
constexpr std::chrono::seconds reading_patience_of_2{900};
constexpr std::uint64_t bytes_per_millisecond = 1U << 10U;  // of logs, that are asked for: a MiB a second
constexpr std::size_t kept_lines = 20;
constexpr std::size_t shown_of_trace = 12;

// The kubernetes operator tells what a container prints behind the container's name.
constexpr std::string_view of_container = "[base] ";

bool is_trouble(const std::string& level) {
  return level == "warning" || level == "error" || level == "critical" || level == "WARNING" || level == "ERROR" ||
         level == "CRITICAL";
}

// The line of a trace that says what was wrong: `airflow.exceptions.AirflowException: Pod x returned a failure.` Its
// frames, and the pod, headers and bodies behind it, are for who mends Airflow: its page has them.
bool names_exception(std::string_view text) {
  const std::string_view name = text.substr(0, text.find(':'));
  const bool is_name =
      !name.empty() && name.size() < text.size() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return c < 0x80 && (std::isalnum(c) != 0 || c == '_' || c == '.');
      });
  return is_name && (name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Timeout") ||
                     name.ends_with("Interrupt"));
}

TaskState state_of(const std::string& state) {
  if (state == "success") return TaskState::succeeded;
  if (state == "failed") return TaskState::failed;
  if (state == "skipped") return TaskState::skipped;
  return TaskState::not_run;
}

class AirflowRun {
 public:
  AirflowRun(const World& world, const airflow::Client& client, const model::System& system,
             const model::Pipeline& pipeline, const AirflowRequest& request)
      : world_(world), client_(client), system_(system), pipeline_(pipeline), request_(request) {}

  Result<RunResult> go() {
    const auto begin = world_.clock.monotonic();
    if (!request_.only_tasks.empty()) {
      return fail(ErrorKind::usage, "Airflow runs a DAG whole: --task is not for it",
                  "run the task here (--local), by Argo (--engine argo), or clear it in Airflow's page");
    }
    if (auto known = find_dag(); !known) return tl::unexpected(std::move(known.error()));
    result_.runtime = fmt::format("Airflow {}", client_.version().text);
    if (auto begun = request_.resume ? take_up(*request_.resume) : trigger(); !begun)
      return tl::unexpected(std::move(begun.error()));
    result_.page = page();
    if (auto followed = follow(); !followed) return tl::unexpected(std::move(followed.error()));
    end_target_run(result_, system_, pipeline_, request_,
                   std::chrono::ceil<std::chrono::milliseconds>(world_.clock.monotonic() - begin));
    return std::move(result_);
  }

 private:
  using Instance = std::pair<std::string, int>;  // task, map index
  struct Reading {
    airflow::LogPlace place;
    Clock::Monotonic due;    // not to be asked for before
    bool too_large = false;  // asked for once more, at the attempt's end
    bool done = false;
    bool printed = false;  // the last line that did not go on with another: by the container
  };
  // Why a task failed, from what Airflow says of its pod.
  struct Reason {
    int exit_status = 0;
    bool out_of_memory = false;
    bool pod_gone = false;
  };

  // Waits for a file that was just deployed.
  Status find_dag() {
    const auto begin = world_.clock.monotonic();
    for (bool told = false;; told = true) {
      auto dag = client_.find_dag(pipeline_.name);
      if (!dag) return tl::unexpected(std::move(dag.error()));
      if (*dag && is_current(**dag)) return ready(**dag);
      if (auto broken = import_error(); !broken) return broken;
      if (request_.dag_file.empty() || !world_.files.info(request_.dag_file)) {
        return fail(ErrorKind::usage, fmt::format("Airflow has no DAG {}", pipeline_.name),
                    "deploy the pipeline first: liminal deploy");
      }
      const bool slow = client_.version().major < 3;
      if (slow && !told_slow_ && world_.clock.monotonic() - begin > reading_patience / 3) {
        told_slow_ = true;
        world_.progress.output("run", "waits on: an Airflow 2 of one process reads DAG files when no task runs");
      }
      if (world_.clock.monotonic() - begin > (slow ? reading_patience_of_2 : reading_patience)) {
        return fail(ErrorKind::failed, fmt::format("Airflow has not read {}", request_.dag_file.string()),
                    "look at what it prints: liminal logs");
      }
      if (world_.cancellation.requested()) return fail(ErrorKind::interrupted, "nothing was started");
      if (!told) world_.progress.output("run", "waits until Airflow has read the DAG file");
      world_.clock.sleep_for(pause);
    }
  }

  [[nodiscard]] bool is_current(const airflow::Dag& dag) const {
    const auto file = request_.dag_file.empty() ? std::nullopt : world_.files.info(request_.dag_file);
    if (!file) return true;
    const auto read = parse_rfc3339(dag.parsed);
    return !read || read->time_since_epoch() > std::chrono::nanoseconds{file->modified_ns};
  }

  Status import_error() {
    auto errors = client_.import_errors();
    if (!errors) return tl::unexpected(std::move(errors.error()));
    const std::string end = "/" + engine::dag_path(system_, pipeline_).filename().string();
    for (const airflow::ImportError& one : *errors) {
      if (!one.file.ends_with(end)) continue;
      Error error{ErrorKind::failed,
                  fmt::format("Airflow cannot import the DAG file {}", one.file),
                  "what its Python says is below",
                  {},
                  {},
                  false};
      LineSplitter lines([&](std::string_view line) { error.excerpt.emplace_back(line); });
      lines.feed(one.trace);
      lines.finish();
      if (error.excerpt.size() > shown_of_trace)
        error.excerpt.erase(error.excerpt.begin(), error.excerpt.end() - shown_of_trace);
      return tl::unexpected(std::move(error));
    }
    return {};
  }

  Status ready(const airflow::Dag& dag) {
    if (dag.has_import_errors) {
      if (auto broken = import_error(); !broken) return broken;
    }
    if (!dag.paused) return {};
    if (!request_.unpause) {
      return fail(ErrorKind::usage, fmt::format("the DAG {} is switched off in Airflow: a run would wait", dag.id),
                  "switch it on, and its schedule with it: add --unpause");
    }
    return client_.set_paused(dag.id, false);
  }

  // Of a run outside these, Airflow makes no task, and counts it as a success.
  Status check_date() const {
    const auto date = request_.logical_date.value_or(std::chrono::floor<std::chrono::seconds>(world_.clock.now()));
    const auto refuse = [&](const char* key, const char* how) {
      Error error{ErrorKind::usage,
                  fmt::format("the run's date, {}, is {} the pipeline's `{}`: Airflow would run none of its tasks",
                              fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", date), how, key),
                  "give it another date (--date), or change the pipeline and deploy it",
                  {},
                  {},
                  false};
      const document::Origin origin = model::locate(pipeline_.value, key);
      if (const auto place = origin.location()) {
        error.location = *place;
        error.source = origin.source();
      }
      return Status(tl::unexpected(std::move(error)));
    };
    if (pipeline_.start_date && date < model::start_of(*pipeline_.start_date)) return refuse("start_date", "before");
    if (pipeline_.end_date && date > *pipeline_.end_date) return refuse("end_date", "after");
    return {};
  }

  Status trigger() {
    if (auto fits = check_date(); !fits) return fits;
    auto run = client_.trigger({pipeline_.name, {}, request_.logical_date, request_.params});
    if (!run) return tl::unexpected(std::move(run.error()));
    result_.run_id = run->id;
    world_.progress.output("run", fmt::format("{} began", run->id));
    return {};
  }

  Status take_up(const std::string& id) {
    auto run = id == "latest" ? newest() : client_.run(pipeline_.name, id);
    if (!run) return tl::unexpected(std::move(run.error()));
    if (!run->finished()) {
      return fail(ErrorKind::usage,
                  fmt::format("the run {} has not ended: there is nothing to go on from yet", run->id),
                  "wait for its end, or stop it in Airflow's page");
    }
    result_.run_id = run->id;
    auto before = client_.task_instances(pipeline_.name, run->id);
    if (!before) return tl::unexpected(std::move(before.error()));
    auto cleared = client_.resume(pipeline_.name, run->id);
    if (!cleared) return tl::unexpected(std::move(cleared.error()));
    for (const airflow::TaskInstance& task : *before) {
      const bool again = std::find(cleared->begin(), cleared->end(), task.task) != cleared->end();
      if (task.state == "success" && !again) kept_.insert(task.task);
      // What an earlier attempt printed was told then.
      earlier_tries_[{task.task, task.map_index}] = task.try_number;
    }
    world_.progress.output("run", fmt::format("{} goes on", run->id));
    return {};
  }

  Result<airflow::Run> newest() {
    auto runs = client_.runs(pipeline_.name, 1);
    if (!runs) return tl::unexpected(std::move(runs.error()));
    if (runs->empty())
      return fail(ErrorKind::usage, fmt::format("the DAG {} has no run yet", pipeline_.name),
                  "run it without --resume");
    return std::move(runs->front());
  }

  [[nodiscard]] std::string page() const {
    if (request_.url.empty()) return {};
    const std::string base =
        request_.url + (request_.url.ends_with('/') ? "dags/" : "/dags/") + percent_encode(pipeline_.name);
    return client_.version().major >= 3 ? fmt::format("{}/runs/{}", base, percent_encode(result_.run_id))
                                        : fmt::format("{}/grid?dag_run_id={}", base, percent_encode(result_.run_id));
  }

  Status follow() {
    Outage outage(world_, "Airflow");
    for (;;) {
      const auto ended = look_at_run();
      if (world_.cancellation.requested())
        return left_alone(result_.run_id,
                          "mark it as failed in Airflow's page" + (result_.page.empty() ? "" : ", " + result_.page));
      if (ended) {
        outage.over();
        if (*ended) return {};
      } else if (!outage.may_pass(ended.error())) {
        return out_of_sight(ended.error());
      }
      world_.clock.sleep_for(pause);
    }
  }

  // What is new of the run is told; whether it has ended.
  Result<bool> look_at_run() {
    const auto run = client_.run(pipeline_.name, result_.run_id);
    if (!run) return tl::unexpected(run.error());
    const auto tasks = client_.task_instances(pipeline_.name, result_.run_id);
    if (!tasks) return tl::unexpected(tasks.error());
    // The tasks were asked for after the run: they are its end when it has ended.
    for (const model::Task& task : pipeline_.tasks) look(task, *tasks);
    if (!run->finished()) return false;
    result_.succeeded = run->state == "success";
    if (result_.succeeded && !ran_any(*tasks)) {
      return fail(ErrorKind::failed,
                  fmt::format("Airflow counts the run {} as a success, and ran none of its tasks", result_.run_id),
                  "give it a date (--date) that lies between the `start_date` and the `end_date` of what is deployed");
    }
    if (!result_.succeeded) note_time_limit(*run);
    for (const model::Task& task : pipeline_.tasks) result_.tasks.push_back(to_result(task, *tasks));
    return true;
  }

  [[nodiscard]] bool ran_any(const std::vector<airflow::TaskInstance>& all) const {
    return std::any_of(pipeline_.tasks.begin(), pipeline_.tasks.end(), [&](const model::Task& task) {
      return kept_.contains(task.name) || !instances(task, all).empty();
    });
  }

  void note_time_limit(const airflow::Run& run) {
    const auto begin = parse_rfc3339(run.started);
    const auto end = parse_rfc3339(run.ended);
    if (begin && end && pipeline_.timeout && *end - *begin >= *pipeline_.timeout)
      result_.reason = time_limit_reached(pipeline_);
  }

  [[nodiscard]] tl::unexpected<Error> out_of_sight(Error error) const {
    if (error.kind != ErrorKind::unavailable) return tl::unexpected(std::move(error));
    return lost_sight(result_.run_id, result_.page.empty() ? "look at Airflow's page" : result_.page,
                      command_to_resume(pipeline_, request_, result_.run_id), std::move(error));
  }

  static std::vector<const airflow::TaskInstance*> instances(const model::Task& task,
                                                             const std::vector<airflow::TaskInstance>& all) {
    std::vector<const airflow::TaskInstance*> found;
    for (const airflow::TaskInstance& one : all) {
      if (one.task == task.name) found.push_back(&one);
    }
    return found;
  }

  // Tells what is new of a task.
  void look(const model::Task& task, const std::vector<airflow::TaskInstance>& all) {
    if (ended_.contains(task.name)) return;
    const auto copies = instances(task, all);
    const bool kept = kept_.contains(task.name);
    bool begun = false;
    // What is skipped has a time of its begin, too.
    for (const airflow::TaskInstance* one : copies)
      begun = begun || (!one->started.empty() && (!one->finished() || state_of(one->state) != TaskState::not_run) &&
                        one->state != "skipped");
    if (begun && !kept && started_.insert(task.name).second) world_.progress.started(task.name, "running");
    if (!kept) {
      for (const airflow::TaskInstance* one : copies) tell_log(task, *one);
    }
    const bool ended =
        !copies.empty() && std::all_of(copies.begin(), copies.end(), [](const auto* one) { return one->finished(); });
    if (ended && ended_.insert(task.name).second) tell_end(world_, to_result(task, all));
  }

  // An attempt's log is there to be read while it is written, and once more when it has ended.
  void tell_log(const model::Task& task, const airflow::TaskInstance& one) {
    const Instance id{one.task, one.map_index};
    for (unsigned attempt = earlier_tries_[id] + 1; attempt <= one.try_number; ++attempt) {
      Reading& reading = readings_[{id, attempt}];
      const bool over = one.finished() || attempt < one.try_number;
      const bool due = !reading.too_large && world_.clock.monotonic() >= reading.due;
      if (reading.done || (!due && !over)) continue;
      if (!read_on(task, one, attempt, over)) return;
    }
  }

  bool read_on(const model::Task& task, const airflow::TaskInstance& one, unsigned attempt, bool over) {
    Reading& reading = readings_[{{one.task, one.map_index}, attempt}];
    bool more = true;
    while (more && !world_.cancellation.requested()) {
      const auto log = client_.task_log(pipeline_.name, result_.run_id, one, attempt, reading.place);
      if (!log) {
        if (!std::exchange(logs_refused_, true))
          world_.progress.output("run", "note: what the tasks print cannot be read: " + log.error().message);
        return false;
      }
      for (const airflow::LogLine& line : log->lines) tell(task, line, reading);
      if (log->too_large && !std::exchange(reading.too_large, true))
        world_.progress.output(task.name, "note: its log grew too large to be followed: see it in Airflow's page");
      // What keeps logs elsewhere gives them page by page.
      const bool page = !log->next.token.empty() && !log->lines.empty();
      more = over && (log->more || page);
      reading.due = world_.clock.monotonic() + (log->more ? pause : between_looks(log->next.bytes));
      reading.place = log->next;
    }
    reading.done = over;
    return true;
  }

  // Airflow goes through the whole log each time, and Airflow 2 sends all of it.
  static std::chrono::milliseconds between_looks(std::uint64_t bytes) {
    return std::chrono::milliseconds{bytes / bytes_per_millisecond};
  }

  // Of a task in a container what the container prints, and what goes wrong around it; of another one everything.
  void tell(const model::Task& task, const airflow::LogLine& line, Reading& reading) {
    std::string_view text = line.text;
    const bool named = text.starts_with(of_container);
    const bool goes_on = !named && line.time.empty();
    if (!goes_on) reading.printed = named;
    if (named) text.remove_prefix(of_container.size());
    if (!reading.printed && model::runs_in_container(task.type)) {
      find_reason(task, text);
      if (goes_on ? !names_exception(text) : !is_trouble(line.level)) return;
    }
    std::vector<std::string>& last = last_[task.name];
    last.emplace_back(text);
    if (last.size() > kept_lines) last.erase(last.begin());
    world_.progress.output(task.name, text);
  }

  // Airflow's exceptions describe the whole pod.
  void find_reason(const model::Task& task, std::string_view text) {
    constexpr std::string_view code = "'exit_code': ";
    Reason& reason = reasons_[task.name];
    if (const std::size_t at = text.find(code); at != std::string_view::npos) {
      int status = 0;
      std::from_chars(text.data() + at + code.size(), text.data() + text.size(), status);
      if (status != 0) reason.exit_status = status;
    }
    if (text.find("'reason': 'OOMKilled'") != std::string_view::npos) reason.out_of_memory = true;
    if (text.find("ApiException: (404)") != std::string_view::npos) reason.pod_gone = true;
  }

  [[nodiscard]] std::string text_of(const model::Task& task) const {
    const auto found = reasons_.find(task.name);
    if (found == reasons_.end()) return {};
    const Reason& reason = found->second;
    if (reason.out_of_memory) return "killed for want of memory";
    if (reason.exit_status != 0) return fmt::format("exit status {}", reason.exit_status);
    return reason.pod_gone ? "its pod is gone" : "";
  }

  [[nodiscard]] TaskResult to_result(const model::Task& task, const std::vector<airflow::TaskInstance>& all) const {
    TaskResult result;
    result.task = task.name;
    const auto copies = instances(task, all);
    if (kept_.contains(task.name)) {
      result.state = TaskState::kept;
      result.detail = "succeeded before";
      return result;
    }
    std::optional<Clock::WallTime> begin;
    std::optional<Clock::WallTime> end;
    for (const airflow::TaskInstance* one : copies) {
      const TaskState state = state_of(one->state);
      // The worst of them is the task's.
      if (one == copies.front() || state == TaskState::failed ||
          (state == TaskState::not_run && result.state != TaskState::failed))
        result.state = state;
      if (state == TaskState::failed) {
        result.detail = text_of(task);
        if (one->map_index >= 0)
          result.detail = fmt::format("copy {}{}{}", one->map_index, result.detail.empty() ? "" : ": ", result.detail);
      }
      result.attempts = std::max(result.attempts, one->try_number);
      const auto started = parse_rfc3339(one->started);
      const auto ended = parse_rfc3339(one->ended);
      if (started && (!begin || *started < *begin)) begin = started;
      if (ended && (!end || *ended > *end)) end = ended;
    }
    if (result.state == TaskState::failed) {
      if (const auto found = reasons_.find(task.name); found != reasons_.end())
        result.exit_status = found->second.exit_status;
    }
    if (copies.empty()) result.detail = "not deployed";
    if (begin && end && *end > *begin) result.took = *end - *begin;
    if (const auto last = last_.find(task.name); last != last_.end()) result.last_lines = last->second;
    return result;
  }

  const World& world_;
  const airflow::Client& client_;
  const model::System& system_;
  const model::Pipeline& pipeline_;
  const AirflowRequest& request_;
  RunResult result_;
  std::set<std::string> kept_;
  std::map<Instance, unsigned> earlier_tries_;
  std::set<std::string> started_;
  std::set<std::string> ended_;
  std::map<std::pair<Instance, unsigned>, Reading> readings_;  // by attempt
  std::map<std::string, std::vector<std::string>> last_;
  std::map<std::string, Reason> reasons_;
  bool logs_refused_ = false;
  bool told_slow_ = false;
};

}  // namespace

Result<RunResult> run_by_airflow(const World& world, const airflow::Client& client, const model::System& system,
                                 const model::Pipeline& pipeline, const AirflowRequest& request) {
  return AirflowRun(world, client, system, pipeline, request).go();
}

}  // namespace liminal::run
