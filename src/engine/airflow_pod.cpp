// Tasks that run in pods, by KubernetesPodOperator.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "airflow_context.hpp"
#include "container_text.hpp"
#include "executor_keys.hpp"
#include "kubernetes_objects.hpp"
#include "kubernetes_values.hpp"
#include "pulled_images.hpp"

namespace liminal::engine::airflow {

namespace {

using python::Arguments;
using python::literal;

// What the executor gives to each of its tasks; their own go over it.
Json shared_environment(Context& context, const model::Task& task, const model::Executor* executor) {
  Json shared = Json::array();
  if (executor == nullptr) return shared;
  for (const auto& [key, value] : executor->arguments) {
    if (key != "env_vars" || value->is_null()) continue;
    std::vector<ValueFault> faults;
    shared = context.rendered(executor_environment(*value, task, faults), {}, value->origin);
    for (const ValueFault& fault : faults)
      context.report(fault.origin, fmt::format("executors[{}].env_vars", executor->name), fault.value,
                     fmt::format("`env_vars` of executor `{}`: {}", executor->name, fault.message), fault.help);
  }
  return shared;
}

// A dictionary, or a list of objects where a value comes from elsewhere.
std::string environment(Context& context, const model::Task& task, const model::Executor* executor) {
  Arguments members;
  for (const model::EnvironmentVariable& variable : task.environment)
    members.emplace_back(literal(variable.name),
                         context.rendered(task, container_text(variable.text), variable.value_origin));
  std::vector<std::string> from_elsewhere;
  for (const Json& one : shared_environment(context, task, executor)) {
    if (one.contains("value")) {
      members.emplace_back(python::json_literal(one["name"]), python::json_literal(one["value"]));
    } else {
      from_elsewhere.push_back(kubernetes_python(one, "V1EnvVar"));
    }
  }
  const bool has_env =
      executor_sets(executor, "env") || std::any_of(task.environment.begin(), task.environment.end(),
                                                    [](const auto& variable) { return variable.name == "env"; });
  if (!has_env) members.emplace_back("\"env\"", "\"{{ var.value.get('env', 'default') }}\"");
  if (task.copies > 1) {
    members.emplace_back("\"LIMINAL_SPLIT_ID\"", "\"{{ ti.map_index }}\"");
    members.emplace_back("\"LIMINAL_NUM_SPLITS\"", literal(std::to_string(task.copies)));
  }
  if (from_elsewhere.empty()) return python::dictionary(members);
  context.imports.insert("from kubernetes.client import models as k8s\n");
  std::vector<std::string> objects;
  for (const auto& [name, value] : members)
    objects.push_back(python::call("k8s.V1EnvVar", {{"name", name}, {"value", value}}));
  objects.insert(objects.end(), from_elsewhere.begin(), from_elsewhere.end());
  return python::list(objects);
}

void add_volumes(Context& context, Arguments& arguments, const model::Task& task) {
  if (context.target.only_findings) return;
  const PodVolumes pod = pod_volumes(context.system, task.mounts, task.secrets);
  if (pod.volumes.empty()) return;
  context.imports.insert("from kubernetes.client import models as k8s\n");
  arguments.emplace_back("volumes", kubernetes_python(pod.volumes, "list[V1Volume]"));
  arguments.emplace_back("volume_mounts", kubernetes_python(pod.mounts, "list[V1VolumeMount]"));
}

Arguments pod_arguments(Context& context, const model::Task& task, const model::Executor* executor) {
  const std::string reference = image_text(context.system, task.image, context.target);
  Arguments arguments{{"task_id", literal(task.name)}, {"image", literal(reference)}};
  const auto list_of = [&](const std::vector<model::CommandWord>& words) {
    std::vector<std::string> items;
    items.reserve(words.size());
    for (const model::CommandWord& word : words)
      items.push_back(context.rendered(task, container_text(word.text), word.origin));
    return python::list(items);
  };
  const model::ContainerCommand command = model::container_command(task);
  arguments.emplace_back("cmds", list_of(command.program));
  arguments.emplace_back("arguments", list_of(command.arguments));
  arguments.emplace_back("env_vars", environment(context, task, executor));
  add_volumes(context, arguments, task);
  arguments.emplace_back("trigger_rule", context.trigger_rule(task));
  context.add_common(arguments, task);
  // An executor's would count where the task says nothing.
  if (task.push_xcom || (task.value != nullptr && task.value->find("do_xcom_push") != nullptr))
    arguments.emplace_back("do_xcom_push", task.push_xcom ? "True" : "False");
  return arguments;
}

// What Apache Liminal set, unless an executor says otherwise.
void add_defaults(Context& context, Arguments& arguments, const model::Task& task) {
  if (context.target.only_findings) return;
  arguments.emplace_back("namespace", literal(context.target.namespace_name));
  arguments.emplace_back("image_pull_policy", "\"IfNotPresent\"");
  if (!context.target.image_pull_secret.empty()) {
    context.imports.insert("from kubernetes.client import models as k8s\n");
    arguments.emplace_back(
        "image_pull_secrets",
        kubernetes_python(Json::array({{{"name", context.target.image_pull_secret}}}), "list[V1LocalObjectReference]"));
  }
  arguments.emplace_back("get_logs", "True");
  arguments.emplace_back("startup_timeout_seconds", "1200");
  arguments.emplace_back("on_finish_action", "\"delete_pod\"");
  arguments.emplace_back("labels", python::json_literal(task_labels(context.system, context.pipeline, task)));
}

const model::Value* executor_argument(const model::Executor* executor, std::string_view key) {
  return executor == nullptr || executor->value == nullptr ? nullptr : executor->value->find(key);
}

// Airflow mounts a volume of its own into pods that hand a result over.
void report_mounts_of_results(Context& context, const Arguments& arguments, const model::Task& task,
                              const model::Executor* executor) {
  const bool pushes = std::any_of(arguments.begin(), arguments.end(), [](const auto& argument) {
    return argument.first == "do_xcom_push" && argument.second == "True";
  });
  if (!pushes) return;
  const auto check = [&](const std::string& place, const document::Origin& origin) {
    if (std::filesystem::path(place + "/").lexically_normal() != "/airflow/xcom/") return;
    context.report(
        origin, context.path_of(task), place,
        fmt::format("task `{}` has a mount at `{}`, where Airflow puts the folder of results", task.name, place),
        "give it another place, or set `do_xcom_push: false`");
  };
  for (const model::Mount& mount : task.mounts) check(mount.path, model::locate(mount.value, "path"));
  for (const model::SecretMount& mount : task.secrets)
    check(mount.remote_path, model::locate(mount.value, "remote_path"));
  const auto check_name = [&](const std::string& name, const document::Origin& origin) {
    if (name != "xcom") return;
    context.report(origin, context.path_of(task), name,
                   fmt::format("task `{}` has a volume `{}`, as Airflow calls the folder of results", task.name, name),
                   "give it another name, or set `do_xcom_push: false`");
  };
  for (const model::Mount& mount : task.mounts)
    check_name(kubernetes_name(mount.volume), model::locate(mount.value, "volume"));
  if (const model::Value* volumes = executor_argument(executor, "volumes")) {
    for (const model::Value& volume : volumes->items) {
      if (const model::Value* name = volume.find("name")) check_name(name->text(), name->origin);
    }
  }
  const model::Value* mounts = executor_argument(executor, "volume_mounts");
  if (mounts == nullptr) return;
  for (const model::Value& mount : mounts->items) {
    if (const model::Value* place = model::mount_place(mount)) check(place->text(), place->origin);
  }
}

}  // namespace

TaskCode pod_task(Context& context, const model::Task& task, const model::Executor* executor) {
  context.import_operator(pod_operator_type);
  Arguments arguments = pod_arguments(context, task, executor);
  add_defaults(context, arguments, task);
  if (executor != nullptr) add_executor_arguments(context, arguments, task, *executor);
  report_mounts_of_results(context, arguments, task, executor);
  if (context.target.only_findings) return {};
  const std::string variable = context.variable(task);
  if (task.copies == 1) {
    arguments.insert(arguments.begin() + 1, {"name", literal(kubernetes_name(task.name))});
    return {context.statement(variable, python::call(pod_operator_type, arguments)), variable, variable};
  }
  // Names are what is mapped: a mapped argument is not rendered as a template, and env_vars has to be.
  std::vector<std::string> names;
  for (unsigned copy = 0; copy < task.copies; ++copy)
    names.push_back(literal(kubernetes_name(task.name + "-" + std::to_string(copy))));
  return {context.statement(variable, python::call(fmt::format("{}.partial", pod_operator_type), arguments) + "." +
                                          python::call("expand", {{"name", python::list(names)}})),
          variable, variable};
}

}  // namespace liminal::engine::airflow
