#include "run_record.hpp"

#include <algorithm>
#include <stdexcept>

namespace liminal::run {

namespace {

constexpr std::uint64_t record_limit = 16ULL << 20;

// Of a year that has four digits; templates and the calendar know no other.
std::chrono::sys_seconds date_of(const Json& json) {
  constexpr std::int64_t first = -62'135'596'800;  // 0001-01-01
  constexpr std::int64_t last = 253'402'300'799;   // 9999-12-31T23:59:59
  const auto seconds = json.is_number_integer() ? json.get<std::int64_t>() : last + 1;
  if (seconds < first || seconds > last) throw std::out_of_range("logical_date");
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

// The runs of a folder, the newest first: an id begins with the time of its run.
std::vector<std::string> newest_first(const World& world, const std::filesystem::path& runs) {
  std::vector<std::string> names;
  if (const auto entries = world.files.list(runs)) {
    for (const DirectoryEntry& entry : *entries) names.push_back(entry.name);
  }
  std::sort(names.rbegin(), names.rend());
  return names;
}

Error damaged(const std::filesystem::path& file, std::string why, bool newest) {
  const std::string folder = file.parent_path().string();
  return {ErrorKind::usage,
          "the record of the run, " + file.string() + ", is damaged",
          newest ? "name another run, --resume ID; or remove " + folder + ", and the run before it is the latest"
                 : "name another run, --resume ID; or start a new one without --resume",
          {std::move(why)},
          {},
          false};
}

}  // namespace

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
  const auto written =
      world.files.write(folder / "run.json", json().dump(2, ' ', false, Json::error_handler_t::replace) + "\n", 0600);
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
    record.logical_date = date_of(json.at("logical_date"));
    record.params = json.at("params").get<std::map<std::string, std::string>>();
    record.state = json.at("state").get<std::string>();
    for (const auto& [name, task] : json.at("tasks").items()) {
      record.tasks[name] = {task.at("state").get<std::string>(), task.at("key").get<std::string>(),
                            task.at("exit_status").get<int>(), task.at("attempts").get<unsigned>()};
    }
    return record;
  } catch (const std::exception&) {
    return fail(ErrorKind::usage, "the record of the run cannot be read", "start a new run without --resume");
  }
}

Result<RunRecord> read_record(const World& world, const std::filesystem::path& runs, const std::string& run_id,
                              const std::string& pipeline) {
  if (run_id.find('/') != std::string::npos || run_id.starts_with('.')) {
    return fail(ErrorKind::usage, "`" + run_id + "` is no run id", "write the id that the run printed, or `latest`");
  }
  const bool newest = run_id == "latest";
  for (const std::string& name : newest ? newest_first(world, runs) : std::vector{run_id}) {
    const std::filesystem::path file = runs / name / "run.json";
    // A run that was ended before it began leaves no record. One that cannot be read may be of any pipeline: passing
    // over it could go on from an older run than is meant.
    if (!world.files.info(file)) continue;
    auto text = world.files.read(file, record_limit);
    if (!text) return tl::unexpected(std::move(text.error()).wrap("the record of the run " + name + " cannot be read"));
    auto record = RunRecord::parse(*text);
    if (!record)
      return tl::unexpected(damaged(file, text->empty() ? "it is empty" : "it is no record of a run", newest));
    if (record->pipeline == pipeline) return record;
    if (!newest) {
      return fail(ErrorKind::usage, "the run `" + run_id + "` is of the pipeline `" + record->pipeline + "`",
                  "resume that pipeline, or name a run of `" + pipeline + "`");
    }
  }
  return fail(ErrorKind::usage, "there is no run `" + run_id + "` of `" + pipeline + "` to resume",
              "start a new run without --resume");
}

}  // namespace liminal::run
