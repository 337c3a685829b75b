#include "run_record.hpp"

#include <algorithm>

namespace liminal::run {

Json RunRecord::json() const {
  Json result = {
      {"schema", 1},          {"run_id", run_id},         {"system", system},
      {"pipeline", pipeline}, {"dag_run_id", dag_run_id}, {"logical_date", logical_date.time_since_epoch().count()},
      {"params", params},     {"state", state},           {"tasks", Json::object()}};
  for (const auto& [name, task] : tasks) {
    result["tasks"][name] = {
        {"state", task.state}, {"key", task.key}, {"exit_status", task.exit_status}, {"attempts", task.attempts}};
  }
  return result;
}

bool RunRecord::write(const World& world, const std::filesystem::path& folder) {
  const auto written = world.files.write(folder / "run.json", json().dump(2) + "\n", 0600);
  if (!written && !failure_told) {
    failure_told = true;
    world.progress.output("run",
                          "the record of this run cannot be kept, so it cannot be resumed: " + written.error().message);
  }
  return written.has_value();
}

Result<RunRecord> RunRecord::parse(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    RunRecord record;
    record.run_id = json.at("run_id").get<std::string>();
    record.system = json.at("system").get<std::string>();
    record.pipeline = json.at("pipeline").get<std::string>();
    record.dag_run_id = json.at("dag_run_id").get<std::string>();
    record.logical_date = std::chrono::sys_seconds(std::chrono::seconds(json.at("logical_date").get<std::int64_t>()));
    record.params = json.at("params").get<std::map<std::string, std::string>>();
    record.state = json.at("state").get<std::string>();
    for (const auto& [name, task] : json.at("tasks").items()) {
      record.tasks[name] = {task.at("state").get<std::string>(), task.at("key").get<std::string>(),
                            task.at("exit_status").get<int>(), task.at("attempts").get<unsigned>()};
    }
    return record;
  } catch (const Json::exception&) {
    return fail(ErrorKind::usage, "the record of the run cannot be read", "start a new run without --resume");
  }
}

Result<RunRecord> read_record(const World& world, const std::filesystem::path& runs, const std::string& run_id,
                              const std::string& pipeline) {
  if (run_id.find('/') != std::string::npos || run_id.starts_with('.')) {
    return fail(ErrorKind::usage, "`" + run_id + "` is no run id", "write the id that the run printed, or `latest`");
  }
  std::vector<std::string> names{run_id};
  if (run_id == "latest") {
    names.clear();
    const auto entries = world.files.list(runs);
    if (entries) {
      for (const DirectoryEntry& entry : *entries) names.push_back(entry.name);
    }
    // An id begins with the time of its run.
    std::reverse(names.begin(), names.end());
  }
  for (const std::string& name : names) {
    const std::filesystem::path file = runs / name / "run.json";
    auto text = world.files.read(file, 16 << 20);
    if (!text) continue;
    auto record = RunRecord::parse(*text);
    if (!record) {
      if (run_id == "latest") continue;
      return fail(ErrorKind::usage, "the record of the run, " + file.string() + ", is damaged", record.error().advice);
    }
    if (record->pipeline == pipeline) return record;
    if (run_id != "latest") {
      return fail(ErrorKind::usage, "the run `" + run_id + "` is of the pipeline `" + record->pipeline + "`",
                  "resume that pipeline, or name a run of `" + pipeline + "`");
    }
  }
  return fail(ErrorKind::usage, "there is no run `" + run_id + "` of `" + pipeline + "` to resume",
              "start a new run without --resume");
}

}  // namespace liminal::run
