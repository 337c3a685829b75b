// The keys of a kubernetes executor as arguments of KubernetesPodOperator: what real Airflows take, in their types.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"

#include "airflow_context.hpp"
#include "executor_keys.hpp"
#include "kubernetes_values.hpp"

namespace liminal::engine::airflow {

namespace {

using document::Value;
using python::Arguments;

// What each task says for itself.
constexpr std::array<std::string_view, 6> of_tasks{"task_id", "name", "image", "cmds", "arguments", "trigger_rule"};
// A task's own value goes over the executor's.
constexpr std::array<std::string_view, 4> weaker{"retries", "retry_delay", "do_xcom_push", "doc"};
// What is wrong with these depends on the task's own.
constexpr std::array<std::string_view, 3> with_tasks{"volumes", "volume_mounts", "init_containers"};

template <std::size_t N>
bool has(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string* find(Arguments& arguments, std::string_view name) {
  const auto found =
      std::find_if(arguments.begin(), arguments.end(), [&](const auto& argument) { return argument.first == name; });
  return found == arguments.end() ? nullptr : &found->second;
}

class ExecutorArguments {
 public:
  ExecutorArguments(Context& context, Arguments& arguments, const model::Task& task, const model::Executor& executor)
      : context_(context), arguments_(arguments), task_(task), executor_(executor) {}

  void add(const std::string& key, const Value& value) {
    key_ = key;
    path_ = fmt::format("executors[{}].{}", executor_.name, key);
    const Operator* pod = airflow_operator(pod_operator_type);
    const OperatorArgument* known = pod->find(key);
    if (known == nullptr) return unknown(*pod);
    if (!known->only_in.empty())
      return report(fmt::format("only Airflow {} has `{}` (executor `{}`)", known->only_in, key, executor_.name),
                    "leave it out: the DAG file is for both");
    if (has(of_tasks, key))
      return report(fmt::format("`{}` of executor `{}` is what each task says for itself", key, executor_.name),
                    "put it into the task");
    if (value.is_null()) return;
    add_known(value, *known);
  }

 private:
  void add_known(const Value& value, const OperatorArgument& takes) {
    check(value);
    // Whatever their order, as in Airflow.
    if (key_ == "on_finish_action" && says(executor_, "is_delete_operator_pod")) return;
    if (key_ == "is_delete_operator_pod")
      return set(arguments_, "on_finish_action", value.boolean().value_or(true) ? "\"delete_pod\"" : "\"keep_pod\"");
    if (key_ == "resources" || key_ == "container_resources") return resources(value);
    if (key_ == "image_pull_secrets") return pull_secrets(value);
    if (key_ == "env_vars") return;  // among the task's (airflow_pod.cpp)
    if (key_ == "labels" || key_ == "volumes" || key_ == "volume_mounts")
      return join(context_.argument(without_taken(value, key_, task_, context_.system), key_, takes, path_));
    if (has(weaker, key_) && find(arguments_, key_) != nullptr) return;
    if (key_ == "sla")
      report("Airflow 3 does nothing for `sla`", "use `execution_timeout`, in seconds", Severity::warning);
    set(arguments_, key_, context_.argument(value, key_, takes, path_));
  }

  void check(const Value& value) {
    std::vector<ValueFault> faults;
    check_kubernetes_member(pod_operator_type, key_, value, faults);
    if (key_ == "volume_mounts") check_volume_mounts(value, executor_, task_, context_.system, faults);
    if (key_ == "labels") check_labels(value, faults);
    constexpr std::array<std::string_view, 2> containers{"base", "airflow-xcom-sidecar"};
    if (key_ == "init_containers") check_init_containers(value, containers, executor_, task_, context_.system, faults);
    report_all(faults);
  }

  // Puts what is inside the brackets behind what is there.
  void join(std::string expression) {
    std::string* there = find(arguments_, key_);
    const bool both = there != nullptr && there->size() > 2 && expression.size() > 2;
    if (!both || expression.front() != there->front()) return set(arguments_, key_, std::move(expression));
    there->pop_back();
    *there += expression.substr(expression.find('\n') + 1);
  }

  void resources(const Value& value) {
    context_.imports.insert("from kubernetes.client import models as k8s\n");
    std::vector<ValueFault> faults;
    const Json json = executor_resources(value, faults);
    report_all(faults);
    set(arguments_, "container_resources", kubernetes_python(json, "V1ResourceRequirements"));
  }

  void pull_secrets(const Value& value) {
    context_.imports.insert("from kubernetes.client import models as k8s\n");
    std::vector<ValueFault> faults;
    const Json json = executor_pull_secrets(value, faults);
    report_all(faults);
    set(arguments_, key_, kubernetes_python(json, "list[V1LocalObjectReference]"));
  }

  void unknown(const Operator& pod) {
    const auto likely = nearest(key_, pod.argument_names());
    report(fmt::format("`{}` of executor `{}` is no argument of KubernetesPodOperator in {}", key_, executor_.name,
                       airflow_table_versions),
           likely ? fmt::format("did you mean `{}`?", *likely) : "docs/engines/airflow.md lists the arguments it has");
  }

  void report(std::string message, std::string help, Severity severity = Severity::error) {
    context_.report(model::locate_key(executor_.value, key_), path_, key_, std::move(message), std::move(help),
                    severity);
  }

  void report_all(const std::vector<ValueFault>& faults) {
    for (const ValueFault& fault : faults)
      context_.report(fault.origin, path_, fault.value,
                      fmt::format("`{}` of executor `{}`: {}", key_, executor_.name, fault.message), fault.help);
  }

  Context& context_;
  Arguments& arguments_;
  const model::Task& task_;
  const model::Executor& executor_;
  std::string key_;
  std::string path_;
};

}  // namespace

void set(Arguments& arguments, std::string_view name, std::string expression) {
  if (std::string* there = find(arguments, name)) {
    *there = std::move(expression);
  } else {
    arguments.emplace_back(name, std::move(expression));
  }
}

void add_executor_arguments(Context& context, Arguments& arguments, const model::Task& task,
                            const model::Executor& executor) {
  ExecutorArguments adding(context, arguments, task, executor);
  // Of an executor that many tasks use, most is told by the first of them.
  const bool first = context.executors.insert(&executor).second || !context.target.only_findings;
  for (const auto& [key, value] : executor.arguments) {
    if (first || has(weaker, key) || has(with_tasks, key)) adding.add(key, *value);
  }
}

}  // namespace liminal::engine::airflow
