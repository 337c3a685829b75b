#include "argo_workflow.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "liminal/engine/argo_submission.hpp"
#include "liminal/model/cron.hpp"

#include "argo_executor.hpp"
#include "container_text.hpp"
#include "executor_keys.hpp"
#include "findings.hpp"
#include "kubernetes_objects.hpp"
#include "pipeline_keys.hpp"
#include "pulled_images.hpp"
#include "templates.hpp"

namespace liminal::engine {

namespace {

Json metadata(const model::System& system, const model::Pipeline& pipeline, const Target& target) {
  const std::string name = argo_name(pipeline);
  Json annotations = Json::object();
  if (!pipeline.description.empty()) annotations["workflows.argoproj.io/description"] = pipeline.description;
  if (!pipeline.owner.empty()) annotations["owner"] = pipeline.owner;
  Json result = {{"name", name}, {"namespace", target.namespace_name}, {"labels", object_labels(system, name)}};
  if (!annotations.empty()) result["annotations"] = std::move(annotations);
  return result;
}

class Workflow {
 public:
  Workflow(const model::System& system, const model::Pipeline& pipeline, const Target& target,
           std::vector<Diagnostic>& findings)
      : system_(system), pipeline_(pipeline), target_(target), findings_(findings) {}

  Json object() {
    Json templates = Json::array();
    Json tasks = Json::array();
    for (const model::Task& task : pipeline_.tasks) {
      if (is_marker(task)) continue;
      if (!runs_in_pod(task)) {
        report_task(task);
        continue;
      }
      tasks.push_back(dag_task(task));
      Json made = pod_template(task);
      if (!target_.only_findings) templates.push_back(std::move(made));
    }
    // As a value of its own: as an argument, the braces would be a list of elements to insert.
    Json dag = {{"name", "pipeline"}, {"dag", {{"failFast", false}, {"tasks", tasks}}}};
    // Each task may fail the run, not only those that nothing waits for, as it does in Airflow.
    if (pipeline_.always_run) dag["dag"]["target"] = names_of(tasks);
    templates.insert(templates.begin(), dag);
    report_pipeline();
    Json spec = {{"entrypoint", "pipeline"}, {"templates", std::move(templates)}};
    if (pipeline_.timeout) spec["activeDeadlineSeconds"] = pipeline_.timeout->count() * 60;
    if (!volumes_.empty()) spec["volumes"] = volumes_;
    if (!parameters_.empty()) spec["arguments"] = parameters();
    if (collection_ && *collection_ != keep_pods) spec["podGC"] = {{"strategy", *collection_}};
    if (!target_.image_pull_secret.empty())
      spec["imagePullSecrets"] = Json::array({{{"name", target_.image_pull_secret}}});
    return {{"apiVersion", "argoproj.io/v1alpha1"},
            {"kind", "WorkflowTemplate"},
            {"metadata", metadata(system_, pipeline_, target_)},
            {"spec", std::move(spec)}};
  }

 private:
  static bool is_marker(const model::Task& task) {
    return task.type == model::TaskType::job_start || task.type == model::TaskType::job_end;
  }

  [[nodiscard]] bool runs_in_pod(const model::Task& task) const {
    const model::Executor* executor = system_.find_executor(task.executor);
    return model::runs_in_container(task.type) &&
           (executor == nullptr || executor->type == model::ExecutorType::kubernetes);
  }

  static std::string names_of(const Json& tasks) {
    std::string names;
    for (const Json& task : tasks) names += (names.empty() ? "" : " ") + task["name"].get<std::string>();
    return names;
  }

  void report_task(const model::Task& task) {
    if (task.type == model::TaskType::sql)
      return report(model::locate(task.value, "type"), task.name,
                    fmt::format("no engine runs task `{}`: a `sql` task has no behaviour, nor had it in Apache Liminal",
                                task.name),
                    "write it as a `spark` or `python` task that runs the query");
    if (task.type == model::TaskType::airflow_operator)
      return report(
          model::locate(task.value, "type"), task.name,
          fmt::format("Argo cannot run task `{}`: type `{}` is an operator of Airflow's", task.name, task.type_name),
          "deploy with `--engine airflow`, or declare the type as a container");
    report(model::locate(task.value, "type"), task.name,
           fmt::format("Argo cannot run task `{}`: type `{}`{}", task.name, task.type_name,
                       task.executor.empty() ? "" : fmt::format(" on executor `{}`", task.executor)),
           "use a container task on a kubernetes executor, or deploy with `--engine airflow`");
  }

  void report_pipeline() {
    if (!pipeline_.metrics_backends.empty())
      report(model::locate(pipeline_.value, "metrics"), "metrics", "Argo has no way to send to the metrics backends",
             "deploy with `--engine airflow`; or leave `backends` empty, and read the run's state from Argo's own "
             "metrics");
    if (pipeline_.depends_on_past)
      report(model::locate(pipeline_.value, "depends_on_past"), "depends_on_past",
             "Argo starts a run whatever became of the one before: it has no `depends_on_past`",
             "deploy with `--engine airflow`, or leave it out");
    for (const auto& [key, value] : pipeline_.default_arguments) {
      if (every_operator_takes(key) && !value->is_null())
        report(model::locate(pipeline_.value, key), key,
               fmt::format("`{}` of pipeline `{}` is an argument of Airflow's and has no effect in Argo", key,
                           pipeline_.name),
               "deploy with `--engine airflow`, or leave it out", Severity::warning);
    }
  }

  // The tasks with pods that a task waits for: through a start or end, those that it waits for.
  void collect(const model::Task& task, std::vector<const model::Task*>& tasks, unsigned depth = 0) const {
    if (depth > pipeline_.tasks.size()) return;
    for (const std::string& name : task.depends_on) {
      const model::Task* other = pipeline_.find_task(name);
      if (other == nullptr) continue;
      if (is_marker(*other) || !runs_in_pod(*other)) {
        collect(*other, tasks, depth + 1);
      } else if (std::find(tasks.begin(), tasks.end(), other) == tasks.end()) {
        tasks.push_back(other);
      }
    }
  }

  [[nodiscard]] Json dag_task(const model::Task& task) const {
    const std::string name = argo_name(task);
    Json result = {{"name", name}, {"template", "task-" + kubernetes_name(task.name, 58)}};
    std::vector<const model::Task*> before;
    collect(task, before);
    std::string depends;
    for (const model::Task* other : before) {
      const std::string one = argo_name(*other);
      depends += depends.empty() ? "" : " && ";
      depends += pipeline_.always_run
                     ? fmt::format("({0}.Succeeded || {0}.Failed || {0}.Errored || {0}.Skipped || {0}.Omitted)", one)
                     : fmt::format("{}.Succeeded", one);
    }
    if (!depends.empty()) result["depends"] = depends;
    if (task.copies > 1) {
      result["withSequence"] = {{"count", std::to_string(task.copies)}};
      result["arguments"] = {{"parameters", Json::array({{{"name", "split"}, {"value", "{{item}}"}}})}};
    }
    return result;
  }

  std::string rendered(const model::Task& task, std::string_view text, const document::Origin& origin) {
    TemplateText result = argo_template(text, task.variables);
    for (const std::string& missing : result.inexpressible)
      report(origin, missing, "Argo cannot render `" + missing + "`",
             "use {{ ds }}, {{ ts }}, {{ yesterday_ds }}, {{ tomorrow_ds }} or their _nodash forms; Airflow and "
             "`run --local` render it");
    for (const auto& [name, value] : task.variables) {
      if (result.text.find("{{workflow.parameters." + name + "}}") == std::string::npos) continue;
      const TemplateText written = argo_template(value, {});
      if (written.text.find("{{=sprig") != std::string::npos || !written.inexpressible.empty())
        report(origin, name, fmt::format("variable `{}` holds a template, and an Argo parameter is plain text", name),
               "write the template where the variable is used");
      if (name.find('.') != std::string::npos)
        report(origin, name, fmt::format("Argo takes no parameter `{}`, with a dot in its name", name),
               "write a dash or an underscore in its place");
      const auto [existing, added] = parameters_.emplace(name, written.text);
      if (!added && existing->second != written.text)
        report(origin, name, "variable `" + name + "` has another value in another task, and an Argo workflow has one",
               "give the variables of the two tasks different names");
    }
    return std::move(result.text);
  }

  Json pod_template(const model::Task& task) {
    Json result = {{"name", "task-" + kubernetes_name(task.name, 58)},
                   {"metadata", {{"labels", task_labels(system_, pipeline_, task)}}}};
    if (!task.description.empty())
      result["metadata"]["annotations"] = {{"kubernetes.io/description", argo_text(task.description)}};
    if (task.copies > 1) result["inputs"] = {{"parameters", Json::array({{{"name", "split"}}})}};
    result["container"] = container(task);
    ArgoExecutor translated;
    if (const model::Executor* executor = system_.find_executor(task.executor)) {
      translated = argo_executor(system_, task, *executor, target_);
      for (Diagnostic& finding : translated.findings) findings_.push_back(std::move(finding));
      translated.apply(result);
      collect_pods(translated.pod_collection, *executor);
    }
    add_retries(result, task, translated);
    if (task.push_xcom)
      report(model::locate(task.value, "do_xcom_push"), "do_xcom_push",
             fmt::format("Argo hands no result of task `{}` on", task.name),
             "let the task write into a volume, or deploy with `--engine airflow`", Severity::warning);
    return result;
  }

  // What the task says goes before its executor's, each by itself, as in Airflow.
  static void add_retries(Json& pod, const model::Task& task, const ArgoExecutor& executor) {
    const std::optional<std::int64_t> retries =
        task.retries ? std::optional<std::int64_t>(*task.retries) : executor.retries;
    if (!retries) return;
    constexpr std::int64_t default_delay = 300;  // Airflow's
    const std::int64_t delay =
        task.retry_delay ? task.retry_delay->count() : executor.retry_delay.value_or(default_delay);
    pod["retryStrategy"] = {{"limit", std::to_string(*retries)}, {"retryPolicy", "Always"}};
    if (delay > 0 && *retries > 0) pod["retryStrategy"]["backoff"] = {{"duration", std::to_string(delay) + "s"}};
  }

  Json container(const model::Task& task) {
    std::string reference =
        rendered(task, image_text(system_, task.image, target_), model::locate(task.value, "image"));
    const auto list_of = [&](const std::vector<model::CommandWord>& words) {
      Json items = Json::array();
      for (const model::CommandWord& word : words)
        items.push_back(rendered(task, container_text(word.text), word.origin));
      return items;
    };
    const model::ContainerCommand command = model::container_command(task);
    Json result = {{"image", std::move(reference)},
                   {"imagePullPolicy", "IfNotPresent"},
                   {"command", list_of(command.program)},
                   {"args", list_of(command.arguments)},
                   {"env", environment(task)}};
    PodVolumes pod = pod_volumes(system_, task.mounts, task.secrets);
    for (const Json& volume : pod.volumes) {
      if (std::find(volumes_.begin(), volumes_.end(), volume) == volumes_.end()) volumes_.push_back(volume);
    }
    if (!pod.mounts.empty()) result["volumeMounts"] = std::move(pod.mounts);
    return result;
  }

  Json environment(const model::Task& task) {
    Json result = Json::array();
    bool has_env = executor_sets(system_.find_executor(task.executor), "env");
    for (const model::EnvironmentVariable& variable : task.environment) {
      result.push_back(
          {{"name", variable.name}, {"value", rendered(task, container_text(variable.text), variable.value_origin)}});
      has_env = has_env || variable.name == "env";
    }
    if (!has_env) result.push_back({{"name", "env"}, {"value", "default"}});
    if (task.copies > 1) {
      result.push_back({{"name", "LIMINAL_SPLIT_ID"}, {"value", "{{inputs.parameters.split}}"}});
      result.push_back({{"name", "LIMINAL_NUM_SPLITS"}, {"value", std::to_string(task.copies)}});
    }
    return result;
  }

  // One for the whole workflow; the one that keeps more pods, so that none is lost against its executor's word.
  void collect_pods(const std::string& wanted, const model::Executor& executor) {
    if (wanted.empty()) return;
    if (collection_ && *collection_ != wanted) {
      report(model::locate_key(executor.value, "on_finish_action"), "on_finish_action",
             fmt::format("executors of pipeline `{}` keep their pods in different ways, and an Argo workflow has one",
                         pipeline_.name),
             "give them the same `on_finish_action`, or deploy with `--engine airflow`", Severity::warning);
    }
    constexpr std::array<std::string_view, 3> by_what_they_keep{keep_pods, "OnPodSuccess", "OnPodCompletion"};
    const auto rank = [&](std::string_view one) {
      return std::find(by_what_they_keep.begin(), by_what_they_keep.end(), one) - by_what_they_keep.begin();
    };
    if (!collection_ || rank(wanted) < rank(*collection_)) collection_ = wanted;
  }

  [[nodiscard]] Json parameters() const {
    Json list = Json::array();
    for (const auto& [name, value] : parameters_) list.push_back({{"name", name}, {"value", value}});
    return {{"parameters", std::move(list)}};
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
  Json volumes_ = Json::array();
  std::optional<std::string> collection_;  // what becomes of the pods that have ended
  std::map<std::string, std::string> parameters_;
};

}  // namespace

Json argo_workflow_template(const model::System& system, const model::Pipeline& pipeline, const Target& target,
                            std::vector<Diagnostic>& findings) {
  return Workflow(system, pipeline, target, findings).object();
}

std::optional<Json> argo_cron_workflow(const model::System& system, const model::Pipeline& pipeline,
                                       const Target& target, std::vector<Diagnostic>& findings) {
  if (!pipeline.schedule) return std::nullopt;
  if (*pipeline.schedule == "@once" || *pipeline.schedule == "@continuous") {
    findings.push_back(cannot_express(model::locate(pipeline.value, "schedule"), "pipelines[" + pipeline.name + "]",
                                      *pipeline.schedule, "Argo has no schedule `" + *pipeline.schedule + "`",
                                      "write a cron schedule, or deploy with `--engine airflow`"));
    return std::nullopt;
  }
  if (target.today && pipeline.start_date && *target.today < *pipeline.start_date)
    findings.push_back(cannot_express(
        model::locate(pipeline.value, "start_date"), "pipelines[" + pipeline.name + "].start_date", "start_date",
        "Argo has no `start_date`: pipeline `" + pipeline.name + "` runs from now on, by its schedule",
        "deploy it on that day, or deploy with `--engine airflow`", Severity::warning));
  // Argo's cron knows fewer presets and spellings than Airflow's.
  const auto cron = model::Cron::parse(*pipeline.schedule);
  const std::string schedule = cron ? cron->expression() : *pipeline.schedule;
  Json spec = Json::object();
  if (target.argo_version < ArgoVersion{3, 6}) {
    spec["schedule"] = schedule;
  } else {
    spec["schedules"] = Json::array({schedule});
  }
  spec["timezone"] = "UTC";
  spec["concurrencyPolicy"] = "Forbid";
  spec["startingDeadlineSeconds"] = 3540;
  spec["workflowMetadata"] = {{"labels", object_labels(system, argo_name(pipeline))}};
  spec["workflowSpec"] = {{"workflowTemplateRef", {{"name", argo_name(pipeline)}}}};
  return Json{{"apiVersion", "argoproj.io/v1alpha1"},
              {"kind", "CronWorkflow"},
              {"metadata", metadata(system, pipeline, target)},
              {"spec", std::move(spec)}};
}

}  // namespace liminal::engine
