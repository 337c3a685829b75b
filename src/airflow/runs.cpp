// Runs of a DAG: starting, following, resuming and stopping them.
#include <algorithm>

#include <fmt/format.h>

#include "liminal/airflow/client.hpp"
#include "liminal/base/random.hpp"
#include "liminal/base/utc.hpp"

#include "connection.hpp"

namespace liminal::airflow {

namespace {

constexpr unsigned page_size = 100;

Run to_run(const Json& object) {
  return {text_at(object, "dag_run_id"),   text_at(object, "dag_id"),     text_at(object, "state"),
          text_at(object, "logical_date"), text_at(object, "start_date"), text_at(object, "end_date")};
}

TaskInstance to_task(const Json& object) {
  TaskInstance task;
  task.task = text_at(object, "task_id");
  task.state = text_at(object, "state");
  task.started = text_at(object, "start_date");
  task.ended = text_at(object, "end_date");
  task.operator_name = text_at(object, "operator");
  if (const auto index = object.find("map_index"); index != object.end() && index->is_number_integer())
    task.map_index = index->get<int>();
  if (const auto tries = object.find("try_number"); tries != object.end() && tries->is_number_unsigned())
    task.try_number = tries->get<unsigned>();
  return task;
}

Result<Run> read_run(const Result<Json>& body, std::string_view doing) {
  if (!body) return tl::unexpected(body.error());
  Run run = to_run(*body);
  if (run.id.empty())
    return fail(ErrorKind::unavailable, fmt::format("Airflow did not tell the run while asked to {}", doing),
                "check that the address is that of Airflow's own page");
  return run;
}

}  // namespace

bool TaskInstance::finished() const {
  return state == "success" || state == "failed" || state == "skipped" || state == "upstream_failed" ||
         state == "removed";
}

Result<Run> Client::trigger(const RunRequest& request) const {
  const auto date =
      request.logical_date.value_or(std::chrono::floor<std::chrono::seconds>(connection_->world().clock.now()));
  const std::string date_text = fmt::format("{:%FT%TZ}", utc(date));
  const std::string id =
      request.run_id.empty() ? fmt::format("liminal__{}_{}", date_text, random_text(6)) : request.run_id;
  const Json body = {{"dag_run_id", id}, {"logical_date", date_text}, {"conf", request.params}};
  const std::string doing = fmt::format("start a run of the DAG {}", request.dag);
  unsigned attempts = 0;
  auto response = connection_->send("POST", path_of(request.dag) + "/dagRuns", &body, Connection::Repeat::safe,
                                    "application/json", &attempts);
  if (!response) return tl::unexpected(std::move(response.error()).wrap(fmt::format("Airflow could not {}", doing)));
  if (response->status == 409) {
    // An attempt whose answer was lost may have made it; nobody else can have used an id that was made up here.
    if (attempts > 1 || request.run_id.empty()) {
      if (auto there = run(request.dag, id); there) return there;
    }
    Error error = connection_->refusal(doing, *response);
    error.advice = "there is a run of this id or logical date: choose another date, or resume that run";
    return tl::unexpected(std::move(error));
  }
  return read_run(connection_->read(doing, *response), doing);
}

Result<Run> Client::run(const std::string& dag, const std::string& run_id) const {
  const std::string doing = fmt::format("look at the run {} of the DAG {}", run_id, dag);
  return read_run(connection_->get(path_of(dag, run_id), doing), doing);
}

Result<std::vector<Run>> Client::runs(const std::string& dag, unsigned limit) const {
  const auto page = connection_->get(
      fmt::format("{}/dagRuns?limit={}&order_by=-start_date", path_of(dag), std::min(limit, page_size)),
      fmt::format("list the runs of the DAG {}", dag));
  if (!page) return tl::unexpected(page.error());
  std::vector<Run> runs;
  for (const Json& item : list_at(*page, "dag_runs")) runs.push_back(to_run(item));
  return runs;
}

Result<std::vector<TaskInstance>> Client::task_instances(const std::string& dag, const std::string& run_id) const {
  std::vector<TaskInstance> tasks;
  constexpr std::size_t most = 20'000;
  while (tasks.size() < most) {
    const auto page = connection_->get(
        fmt::format("{}/taskInstances?limit={}&offset={}", path_of(dag, run_id), page_size, tasks.size()),
        fmt::format("list the tasks of the run {} of the DAG {}", run_id, dag));
    if (!page) return tl::unexpected(page.error());
    const auto items = list_at(*page, "task_instances");
    for (const Json& item : items) tasks.push_back(to_task(item));
    if (items.size() < page_size) break;
  }
  return tasks;
}

Result<std::vector<std::string>> Client::resume(const std::string& dag, const std::string& run_id) const {
  Json body = {{"dry_run", false},
               {"dag_run_id", run_id},
               {"only_failed", true},
               {"reset_dag_runs", true},
               {"include_downstream", true}};
  // Else Airflow 3 keeps to the version that the run began with, of a DAG bundle that has versions. 3.0 refuses what it
  // does not know.
  if (connection_->is_airflow_3_from(1)) body["run_on_latest_version"] = true;
  const auto cleared = connection_->change("POST", path_of(dag) + "/clearTaskInstances", body,
                                           fmt::format("resume the run {} of the DAG {}", run_id, dag));
  if (!cleared) return tl::unexpected(cleared.error());
  std::vector<std::string> tasks;
  for (const Json& item : list_at(*cleared, "task_instances")) {
    std::string task = text_at(item, "task_id");
    if (std::find(tasks.begin(), tasks.end(), task) == tasks.end()) tasks.push_back(std::move(task));
  }
  return tasks;
}

Status Client::stop_run(const std::string& dag, const std::string& run_id) const {
  const auto changed = connection_->change("PATCH", path_of(dag, run_id), {{"state", "failed"}},
                                           fmt::format("stop the run {} of the DAG {}", run_id, dag));
  if (!changed) return tl::unexpected(changed.error());
  return {};
}

}  // namespace liminal::airflow
