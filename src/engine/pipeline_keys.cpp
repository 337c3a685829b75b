#include "pipeline_keys.hpp"

#include <algorithm>
#include <array>

#include "airflow_operators.hpp"
#include "kubernetes_values.hpp"

namespace liminal::engine {

namespace {

constexpr std::array<std::string_view, 14> own_keys{
    "owner",   "depends_on_past", "start_date", "retries",   "retry_delay", "description", "executor",
    "task_id", "trigger_rule",    "params",     "resources", "metrics",     "variables",   "do_xcom_push"};

bool takes(std::string_view operator_name, std::string_view key) {
  const Operator* known = airflow_operator(operator_name);
  const OperatorArgument* argument = known == nullptr ? nullptr : known->find(key);
  return argument != nullptr && argument->only_in.empty();
}

}  // namespace

bool every_operator_takes(std::string_view key) {
  return std::find(own_keys.begin(), own_keys.end(), key) == own_keys.end() && takes(pod_operator_type, key) &&
         takes("EmrAddStepsOperator", key) && takes("CloudFormationCreateStackSensor", key);
}

}  // namespace liminal::engine
