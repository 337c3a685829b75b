#include "pipeline_keys.hpp"

#include <algorithm>
#include <array>

#include "airflow_operators.hpp"

namespace liminal::engine {

namespace {

constexpr std::array<std::string_view, 14> own_keys{
    "owner",   "depends_on_past", "start_date", "retries",   "retry_delay", "description", "executor",
    "task_id", "trigger_rule",    "params",     "resources", "metrics",     "variables",   "do_xcom_push"};

bool takes(std::string_view operator_name, std::string_view key) {
  const Operator* known = airflow_operator(operator_name);
  if (known == nullptr) return false;
  const auto found = known->arguments.find(key);
  return found != known->arguments.end() && found->second.only_in.empty();
}

}  // namespace

Reach reach_of_pipeline_key(std::string_view key) {
  if (std::find(own_keys.begin(), own_keys.end(), key) != own_keys.end()) return Reach::none;
  const bool pod = takes("KubernetesPodOperator", key);
  const bool step = takes("EmrAddStepsOperator", key);
  const bool stack = takes("CloudFormationCreateStackSensor", key);
  if (pod && step && stack) return Reach::every;
  return pod || step || stack ? Reach::some : Reach::none;
}

}  // namespace liminal::engine
