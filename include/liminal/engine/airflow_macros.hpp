// Airflow's {{ ds }} family, rendered for a run outside Airflow.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/result.hpp"

namespace liminal::engine {

// What templates may name, for one run. Times are UTC.
struct MacroContext {
  std::string dag_id;
  std::string task_id;
  std::string run_id;
  int try_number = 1;
  std::chrono::sys_seconds logical_date;  // start of the data interval, as Airflow 2 has it
  std::chrono::sys_seconds data_interval_start;
  std::chrono::sys_seconds data_interval_end;
  std::map<std::string, std::string>
      variables;  // {{ name }} of the file's own run-time variables: conf, task's, root's in that order
  std::map<std::string, std::string> params;  // {{ params.x }}, {{ dag_run.conf['x'] }}
};

// Replaces every {{ ... }} that is a template in a DAG file too. What needs Airflow itself ({% if %}, names that are
// not known here, filters beyond its own and a few of Jinja's) is an error that names it. All else stays byte for byte:
// braces that belong to the task's own program, such as {{.Names}}, {# and ${#name}.
[[nodiscard]] Result<std::string> render_macros(std::string_view text, const MacroContext& context);

}  // namespace liminal::engine
