// How far a Workflow has come, task by task, read from its status.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "liminal/base/json.hpp"
#include "liminal/base/result.hpp"
#include "liminal/run/run.hpp"

namespace liminal::run {

struct ArgoPod {
  std::string node;  // the id that the pod's annotation names
  bool ran = false;  // its container has begun, so that there is a log
};

struct ArgoTask {
  bool known = false;    // Argo has begun with it
  bool running = false;  // one of its pods runs
  bool ended = false;
  TaskState state = TaskState::not_run;
  int exit_status = 0;
  unsigned attempts = 0;
  std::chrono::milliseconds took{0};
  std::string message;  // what Argo says of it: untrusted text of one line
  std::vector<ArgoPod> pods;
};

// Tasks of the DAG by their names, each with all of its attempts and copies. Those that Argo has not begun with are
// missing. Errors: (usage) Argo keeps their states outside of the Workflow; (unavailable) they are damaged.
using ArgoTasks = std::map<std::string, ArgoTask>;
[[nodiscard]] Result<ArgoTasks> argo_tasks(const Json& workflow);

// Running, Succeeded, Failed or Error; empty: no controller has looked at it.
[[nodiscard]] std::string phase_of(const Json& workflow);
[[nodiscard]] bool has_ended(const Json& workflow);

}  // namespace liminal::run
