#include "airflow_dag.hpp"

#include <algorithm>
#include <array>

#include "liminal/base/sha256.hpp"

#include "findings.hpp"
#include "kubernetes_objects.hpp"
#include "python_writer.hpp"
#include "templates.hpp"

namespace liminal::engine {

namespace {

using python::Arguments;
using python::json_literal;
using python::literal;

// Arguments of KubernetesPodOperator, in both Airflows, that plain YAML values fit.
constexpr std::array<std::string_view, 40> plain_arguments{"active_deadline_seconds",
                                                           "affinity",
                                                           "annotations",
                                                           "automount_service_account_token",
                                                           "base_container_name",
                                                           "cluster_context",
                                                           "config_file",
                                                           "configmaps",
                                                           "deferrable",
                                                           "dnspolicy",
                                                           "email",
                                                           "email_on_failure",
                                                           "email_on_retry",
                                                           "get_logs",
                                                           "hostname",
                                                           "hostnetwork",
                                                           "image_pull_policy",
                                                           "in_cluster",
                                                           "kubernetes_conn_id",
                                                           "labels",
                                                           "log_events_on_failure",
                                                           "logging_interval",
                                                           "max_active_tis_per_dag",
                                                           "namespace",
                                                           "node_selector",
                                                           "on_finish_action",
                                                           "poll_interval",
                                                           "pool",
                                                           "pool_slots",
                                                           "priority_class_name",
                                                           "priority_weight",
                                                           "queue",
                                                           "random_name_suffix",
                                                           "reattach_on_restart",
                                                           "runtime_class_name",
                                                           "schedulername",
                                                           "service_account_name",
                                                           "skip_on_exit_code",
                                                           "startup_timeout_seconds",
                                                           "subdomain"};

// Plain default_args that every operator takes.
constexpr std::array<std::string_view, 9> plain_defaults{"email", "email_on_failure", "email_on_retry",
                                                         "pool",  "pool_slots",       "priority_weight",
                                                         "queue", "run_as_user",      "wait_for_downstream"};

template <std::size_t N>
bool has(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Comments hold names from the user's files: nothing there may end the line.
std::string one_line(std::string_view text) {
  const std::string quoted = Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

class DagFile {
 public:
  DagFile(const model::System& system, const model::Pipeline& pipeline, const Target& target,
          std::vector<Diagnostic>& findings)
      : system_(system), pipeline_(pipeline), target_(target), findings_(findings) {}

  std::string text() {
    std::string tasks;
    for (const model::Task& task : pipeline_.tasks) tasks += task_text(task);
    tasks += edges();
    std::string body = imports() + "\nwith " + python::call("DAG", dag_arguments()) + ":\n" + tasks;
    const std::string digest = sha256_hex(body);
    return "# Made by liminal from " + one_line(system_.file) + ", pipeline " + one_line(pipeline_.name) +
           ".\n# Change that file: the next deploy replaces this one.\n# Content below: sha256:" + digest + "\n" + body;
  }

 private:
  [[nodiscard]] bool any(bool (*wanted)(const model::Task&)) const {
    return std::any_of(pipeline_.tasks.begin(), pipeline_.tasks.end(), wanted);
  }

  [[nodiscard]] bool is_cron() const {
    return pipeline_.schedule && *pipeline_.schedule != "@once" && *pipeline_.schedule != "@continuous";
  }

  [[nodiscard]] std::string imports() const {
    std::string text = "from datetime import datetime, timedelta, timezone\n\n";
    text +=
        "try:  # Airflow 3\n    from airflow.sdk import DAG\nexcept ImportError:  # Airflow 2\n    from airflow import "
        "DAG\n";
    text +=
        "try:\n    from airflow.providers.standard.operators.empty import EmptyOperator\nexcept ImportError:\n"
        "    from airflow.operators.empty import EmptyOperator\n";
    if (any([](const model::Task& task) { return model::runs_in_container(task.type); }))
      text +=
          "from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator\n"
          "from kubernetes.client import models as k8s\n";
    if (is_cron()) text += "from airflow.timetables.interval import CronDataIntervalTimetable\n";
    return text;
  }

  [[nodiscard]] Arguments dag_arguments() {
    const model::Date start = pipeline_.start_date.value_or(model::Date{});
    Arguments arguments{{"dag_id", literal(pipeline_.name)}};
    if (!pipeline_.description.empty()) arguments.emplace_back("description", literal(pipeline_.description));
    arguments.emplace_back("schedule", schedule());
    arguments.emplace_back("start_date", "datetime(" + std::to_string(start.year) + ", " + std::to_string(start.month) +
                                             ", " + std::to_string(start.day) + ", tzinfo=timezone.utc)");
    arguments.emplace_back("catchup", "False");
    if (pipeline_.schedule == "@continuous") arguments.emplace_back("max_active_runs", "1");
    if (pipeline_.timeout)
      arguments.emplace_back("dagrun_timeout", "timedelta(minutes=" + std::to_string(pipeline_.timeout->count()) + ")");
    arguments.emplace_back("default_args", default_arguments());
    arguments.emplace_back("tags", python::list({literal("liminal")}));
    return arguments;
  }

  [[nodiscard]] std::string schedule() const {
    if (!pipeline_.schedule) return "None";
    if (!is_cron()) return literal(*pipeline_.schedule);
    return "CronDataIntervalTimetable(" + literal(*pipeline_.schedule) + ", timezone=\"UTC\")";
  }

  [[nodiscard]] std::string default_arguments() {
    Arguments members;
    if (!pipeline_.owner.empty()) members.emplace_back("\"owner\"", literal(pipeline_.owner));
    if (pipeline_.depends_on_past) members.emplace_back("\"depends_on_past\"", "True");
    for (const auto& [key, value] : pipeline_.default_arguments) {
      if (has(plain_defaults, key)) {
        members.emplace_back(literal(key), json_literal(value->json()));
      } else if (has(plain_arguments, key) || key == "image" || key == "env_vars" || key == "resources") {
        report(model::locate(pipeline_.value, key), key,
               "`" + key + "` of pipeline `" + pipeline_.name + "` would reach every pod and is left out",
               "put `" + key + "` into the executor, or into the tasks that need it", Severity::warning);
      }
    }
    return python::dictionary(members);
  }

  std::string task_text(const model::Task& task) {
    const bool marker = task.type == model::TaskType::job_start || task.type == model::TaskType::job_end;
    if (marker && !pipeline_.metrics_backends.empty() && task.type == model::TaskType::job_start)
      report(model::locate(pipeline_.value, "metrics"), "metrics",
             "the metrics backends of pipeline `" + pipeline_.name + "` are not written into its DAG file",
             "leave `backends` empty, and read the run's state from Airflow's own metrics");
    const model::Executor* executor = system_.find_executor(task.executor);
    const bool in_pod = executor == nullptr || executor->type == model::ExecutorType::kubernetes;
    std::string expression;
    if (model::runs_in_container(task.type) && in_pod) {
      expression = pod(task, executor);
    } else {
      if (!marker)
        report(model::locate(task.value, "type"), task.name,
               "task `" + task.name + "` of type `" + task.type_name + "` on executor `" + task.executor +
                   "` cannot be written into a DAG file",
               "give it a type that runs in a container (python, spark) and a kubernetes executor");
      // The end waits for every task and fails with any of them, which fails the run.
      expression =
          python::call("EmptyOperator", {{"task_id", literal(task.name)}, {"trigger_rule", trigger_rule(task)}});
    }
    return python::indented(variable_of(task) + " = " + expression) + "\n";
  }

  [[nodiscard]] std::string trigger_rule(const model::Task& task) const {
    return literal(pipeline_.always_run && task.type != model::TaskType::job_end ? "all_done" : "all_success");
  }

  std::string pod(const model::Task& task, const model::Executor* executor) {
    Arguments arguments = pod_arguments(task);
    add_executor_arguments(arguments, task, executor);
    if (task.copies == 1) {
      arguments.insert(arguments.begin() + 1, {"name", literal(kubernetes_name(task.name))});
      return python::call("KubernetesPodOperator", arguments);
    }
    // Names are what is mapped: a mapped argument is not rendered as a template, and env_vars has to be.
    std::vector<std::string> names;
    for (unsigned copy = 0; copy < task.copies; ++copy)
      names.push_back(literal(kubernetes_name(task.name + "-" + std::to_string(copy))));
    return python::call("KubernetesPodOperator.partial", arguments) + "." +
           python::call("expand", {{"name", python::list(names)}});
  }

  std::string rendered(const model::Task& task, std::string_view text, const document::Origin& origin) {
    TemplateText result = airflow_template(text, task.variables);
    for (const std::string& missing : result.inexpressible)
      report(origin, missing, "`" + missing + "` has no form that Airflow 2 and 3 both have",
             "use {{ macros.ds_add(ds, -1) }} or another date made from {{ ds }}");
    return literal(result.text);
  }

  Arguments pod_arguments(const model::Task& task) {
    const model::Image* image = system_.find_image(task.image);
    const std::string reference =
        image != nullptr && target_.image_reference ? target_.image_reference(system_, *image) : task.image;
    Arguments arguments{{"task_id", literal(task.name)}, {"image", literal(reference)}};
    const std::vector<std::string> command = model::container_command(task);
    const std::size_t program = task.type == model::TaskType::spark ? 1 : 2;
    const auto origin =
        model::locate(task.value, task.type == model::TaskType::spark ? "application_arguments" : "cmd");
    std::vector<std::string> words;
    for (const std::string& word : command) words.push_back(rendered(task, word, origin));
    const auto split = words.begin() + static_cast<std::ptrdiff_t>(program);
    arguments.emplace_back("cmds", python::list({words.begin(), split}));
    arguments.emplace_back("arguments", python::list({split, words.end()}));
    arguments.emplace_back("env_vars", environment(task));
    add_volumes(arguments, task);
    arguments.emplace_back("trigger_rule", trigger_rule(task));
    if (task.retries) arguments.emplace_back("retries", std::to_string(*task.retries));
    if (task.retry_delay)
      arguments.emplace_back("retry_delay", "timedelta(seconds=" + std::to_string(task.retry_delay->count()) + ")");
    if (task.push_xcom) arguments.emplace_back("do_xcom_push", "True");
    return arguments;
  }

  std::string environment(const model::Task& task) {
    Arguments members;
    bool has_env = false;
    for (const model::EnvironmentVariable& variable : task.environment) {
      members.emplace_back(literal(variable.name), rendered(task, variable.text, variable.value_origin));
      has_env = has_env || variable.name == "env";
    }
    if (!has_env) members.emplace_back("\"env\"", "\"{{ var.value.get('env', 'default') }}\"");
    if (task.copies > 1) {
      members.emplace_back("\"LIMINAL_SPLIT_ID\"", "\"{{ ti.map_index }}\"");
      members.emplace_back("\"LIMINAL_NUM_SPLITS\"", literal(std::to_string(task.copies)));
    }
    return python::dictionary(members);
  }

  void add_volumes(Arguments& arguments, const model::Task& task) const {
    const PodVolumes pod = pod_volumes(system_, task.mounts, task.secrets);
    if (pod.volumes.empty()) return;
    std::vector<std::string> volumes;
    std::vector<std::string> mounts;
    for (const Json& volume : pod.volumes) {
      const bool secret = volume.contains("secret");
      const std::string source =
          secret ? python::call("k8s.V1SecretVolumeSource",
                                {{"secret_name", json_literal(volume["secret"]["secretName"])}})
                 : python::call("k8s.V1PersistentVolumeClaimVolumeSource",
                                {{"claim_name", json_literal(volume["persistentVolumeClaim"]["claimName"])}});
      volumes.push_back(python::call("k8s.V1Volume", {{"name", json_literal(volume["name"])},
                                                      {secret ? "secret" : "persistent_volume_claim", source}}));
    }
    for (const Json& mount : pod.mounts) {
      Arguments members{{"name", json_literal(mount["name"])}, {"mount_path", json_literal(mount["mountPath"])}};
      if (mount.contains("subPath")) members.emplace_back("sub_path", json_literal(mount["subPath"]));
      if (mount.contains("readOnly")) members.emplace_back("read_only", "True");
      mounts.push_back(python::call("k8s.V1VolumeMount", members));
    }
    arguments.emplace_back("volumes", python::list(volumes));
    arguments.emplace_back("volume_mounts", python::list(mounts));
  }

  static void set(Arguments& arguments, const std::string& name, std::string expression) {
    const auto found =
        std::find_if(arguments.begin(), arguments.end(), [&](const auto& argument) { return argument.first == name; });
    if (found == arguments.end()) {
      arguments.emplace_back(name, std::move(expression));
    } else {
      found->second = std::move(expression);
    }
  }

  void add_executor_arguments(Arguments& arguments, const model::Task& task, const model::Executor* executor) {
    arguments.emplace_back("namespace", literal(target_.namespace_name));
    arguments.emplace_back("image_pull_policy", "\"IfNotPresent\"");
    if (!target_.image_pull_secret.empty())
      arguments.emplace_back(
          "image_pull_secrets",
          python::list({python::call("k8s.V1LocalObjectReference", {{"name", literal(target_.image_pull_secret)}})}));
    arguments.emplace_back("get_logs", "True");
    arguments.emplace_back("startup_timeout_seconds", "1200");
    arguments.emplace_back("on_finish_action", "\"delete_pod\"");
    Json labels = object_labels(system_, pipeline_.name);
    labels["app.kubernetes.io/component"] = kubernetes_name(task.name);
    arguments.emplace_back("labels", json_literal(labels));
    if (executor == nullptr) return;
    for (const auto& [key, value] : executor->arguments) add_executor_argument(arguments, *executor, key, *value);
  }

  void add_executor_argument(Arguments& arguments, const model::Executor& executor, const std::string& key,
                             const document::Value& value) {
    if (key == "is_delete_operator_pod") {
      set(arguments, "on_finish_action", value.boolean().value_or(true) ? "\"delete_pod\"" : "\"keep_pod\"");
    } else if (key == "resources" || key == "container_resources") {
      Arguments parts;
      for (const document::Value::Member& part : value.members) {
        if (part.key == "requests" || part.key == "limits")
          parts.emplace_back(part.key, json_literal(part.value.json()));
      }
      set(arguments, "container_resources", python::call("k8s.V1ResourceRequirements", parts));
    } else if (key == "image_pull_secrets" && value.kind == document::Kind::scalar) {
      set(arguments, key,
          python::list({python::call("k8s.V1LocalObjectReference", {{"name", literal(value.text())}})}));
    } else if (has(plain_arguments, key)) {
      set(arguments, key, json_literal(value.json()));
    } else {
      report(model::locate(executor.value, key), key,
             "`" + key + "` of executor `" + executor.name + "` cannot be written into a DAG file",
             "leave it out, or use one of the arguments that docs/engines/airflow.md lists");
    }
  }

  [[nodiscard]] std::string variable_of(const model::Task& task) const {
    const auto index = static_cast<std::size_t>(&task - pipeline_.tasks.data());
    return "task_" + std::to_string(index);
  }

  // What runs before a task. The end of a pipeline that always runs waits for every task: each may fail the run.
  [[nodiscard]] std::vector<std::string> before(const model::Task& task) const {
    std::vector<std::string> names;
    for (const model::Task& other : pipeline_.tasks) {
      const bool every = pipeline_.always_run && task.type == model::TaskType::job_end && &other < &task;
      if (every || std::find(task.depends_on.begin(), task.depends_on.end(), other.name) != task.depends_on.end())
        names.push_back(variable_of(other));
    }
    return names;
  }

  [[nodiscard]] std::string edges() const {
    std::string text;
    for (const model::Task& task : pipeline_.tasks) {
      const std::vector<std::string> names = before(task);
      if (names.empty()) continue;
      const std::string left = names.size() == 1 ? names.front() : python::list(names);
      text += python::indented(left + " >> " + variable_of(task)) + "\n";
    }
    return text.empty() ? text : "\n" + text;
  }

  void report(const document::Origin& origin, const std::string& value, std::string message, std::string help,
              Severity severity = Severity::error) {
    findings_.push_back(cannot_express(origin, "pipelines[" + pipeline_.name + "]", value, std::move(message),
                                       std::move(help), severity));
  }

  const model::System& system_;
  const model::Pipeline& pipeline_;
  const Target& target_;
  std::vector<Diagnostic>& findings_;
};

}  // namespace

std::string airflow_dag(const model::System& system, const model::Pipeline& pipeline, const Target& target,
                        std::vector<Diagnostic>& findings) {
  return DagFile(system, pipeline, target, findings).text();
}

}  // namespace liminal::engine
