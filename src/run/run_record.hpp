// The record of a run on disk: run.json in the run's folder, written whole after each change.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "liminal/base/json.hpp"
#include "liminal/run/run.hpp"

namespace liminal::run {

struct RecordedTask {
  std::string state;  // as to_string(TaskState), or "running"
  std::string key;    // hash of image digest, command, environment and mounts
  int exit_status = 0;
  unsigned attempts = 0;
};

struct RunRecord {
  std::string run_id;
  std::string pipeline;
  std::string system;
  std::string dag_run_id;  // what {{ run_id }} is: of the first run, when this one resumes it
  std::chrono::sys_seconds logical_date;
  std::map<std::string, std::string> params;
  std::string state = "running";  // running, succeeded, failed, interrupted
  std::map<std::string, RecordedTask> tasks;
  bool failure_told = false;  // that it cannot be written

  [[nodiscard]] Json json() const;
  // Into run.json of the run's folder. When that fails, the user is told once, and the run goes on.
  bool write(const World& world, const std::filesystem::path& folder);
  [[nodiscard]] static Result<RunRecord> parse(const std::string& text);
};

// `run_id` may be "latest": the newest run of that pipeline. Errors (usage): there is none, it is of another one, or
// its record, or that of a newer run, is damaged; what read() says of one that cannot be read.
[[nodiscard]] Result<RunRecord> read_record(const World& world, const std::filesystem::path& runs,
                                            const std::string& run_id, const std::string& pipeline);

}  // namespace liminal::run
