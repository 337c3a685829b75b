#include "airflow_dag.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/sha256.hpp"

#include "airflow_context.hpp"
#include "kubernetes_values.hpp"
#include "pipeline_keys.hpp"

namespace liminal::engine {

namespace {

using airflow::Context;
using airflow::TaskCode;
using python::Arguments;
using python::literal;

// Comments hold names from the user's files: nothing there may end the line.
std::string one_line(std::string_view text) {
  const std::string quoted = Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

class DagFile {
 public:
  DagFile(const model::System& system, const model::Pipeline& pipeline, const Target& target,
          std::vector<Diagnostic>& findings)
      : context_(system, pipeline, target, findings), system_(system), pipeline_(pipeline) {}

  std::string text() {
    report_metrics();
    std::vector<TaskCode> codes;
    for (const model::Task& task : pipeline_.tasks) {
      codes.push_back(code_of(task));
      if (context_.target.only_findings) codes.clear();  // its memory too
    }
    const Arguments arguments = dag_arguments();
    if (context_.target.only_findings) return {};
    std::string tasks;
    for (const TaskCode& code : codes) tasks += code.statements;
    const std::string edges = edges_of(codes);
    const std::string dag = python::call("DAG", arguments);
    const std::string body = imports() + functions() + "\nwith " + dag + ":\n" +
                             (tasks.empty() ? "    pass\n" : tasks) + (edges.empty() ? "" : "\n" + edges);
    return "# Made by liminal from " + one_line(system_.path) + ", pipeline " + one_line(pipeline_.name) +
           ".\n# Change that file: the next deploy replaces this one.\n# Content below: sha256:" + sha256_hex(body) +
           "\n" + body;
  }

 private:
  [[nodiscard]] bool is_cron() const {
    return pipeline_.schedule && *pipeline_.schedule != "@once" && *pipeline_.schedule != "@continuous";
  }

  [[nodiscard]] std::string imports() const {
    std::string plain = "from datetime import datetime, timedelta, timezone\n";
    std::string others;
    for (const std::string& statement : context_.imports) {
      (statement == "import logging\n" ? plain : others) += statement;
    }
    std::string text = plain +
                       "\ntry:\n    from airflow.sdk import DAG\nexcept ImportError:  # Airflow 2\n"
                       "    from airflow import DAG\n" +
                       others;
    if (is_cron()) text += "from airflow.timetables.interval import CronDataIntervalTimetable\n";
    return text;
  }

  [[nodiscard]] std::string functions() const {
    std::string text;
    for (const auto& [order, source] : context_.functions) text += (order == 1 ? "\n" : "\n\n") + source;
    if (!text.empty()) text += "\n";
    return text;
  }

  [[nodiscard]] Arguments dag_arguments() {
    const model::Date start = pipeline_.start_date.value_or(model::Date{});
    Arguments arguments{{"dag_id", literal(pipeline_.name)}};
    if (!pipeline_.description.empty()) arguments.emplace_back("description", literal(pipeline_.description));
    arguments.emplace_back("schedule", schedule());
    arguments.emplace_back(
        "start_date", fmt::format("datetime({}, {}, {}, tzinfo=timezone.utc)", start.year, start.month, start.day));
    arguments.emplace_back("catchup", "False");
    if (pipeline_.schedule == "@continuous") arguments.emplace_back("max_active_runs", "1");
    if (pipeline_.timeout)
      arguments.emplace_back("dagrun_timeout", fmt::format("timedelta(minutes={})", pipeline_.timeout->count()));
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
      if (value->is_null() || !every_operator_takes(key)) continue;
      if (key == "sla")
        context_.report(model::locate_key(pipeline_.value, key), fmt::format("pipelines[{}].sla", pipeline_.name), key,
                        "Airflow 3 does nothing for `sla`", "use `execution_timeout`, in seconds", Severity::warning);
      const auto& takes = *airflow_operator(pod_operator_type)->find(key);
      members.emplace_back(literal(key),
                           context_.argument(*value, key, takes, fmt::format("pipelines[{}].{}", pipeline_.name, key)));
    }
    return python::dictionary(members);
  }

  void report_metrics() {
    for (const std::string& backend : pipeline_.metrics_backends) {
      if (backend == "cloudwatch") continue;
      context_.report(model::locate(pipeline_.value, "metrics"), fmt::format("pipelines[{}].metrics", pipeline_.name),
                      backend, fmt::format("there is no metrics backend `{}`", backend), "write `cloudwatch`");
    }
  }

  TaskCode code_of(const model::Task& task) {
    using model::TaskType;
    const model::Executor* executor = system_.find_executor(task.executor);
    const auto is = [&](model::ExecutorType type) { return executor != nullptr && executor->type == type; };
    if (task.type == TaskType::job_start || task.type == TaskType::job_end) return marker_task(context_, task);
    if (task.type == TaskType::create_cloudformation_stack || task.type == TaskType::delete_cloudformation_stack)
      return stack_task(context_, task);
    if (task.type == TaskType::airflow_operator) return operator_task(context_, task);
    if (task.type == TaskType::spark && is(model::ExecutorType::emr)) return emr_task(context_, task, *executor);
    if (model::runs_in_container(task.type) && (executor == nullptr || is(model::ExecutorType::kubernetes)))
      return pod_task(context_, task, executor);
    if (task.type == TaskType::sql) {
      context_.report(
          model::locate(task.value, "type"), context_.path_of(task), task.name,
          fmt::format("no engine runs task `{}`: a `sql` task has no behaviour, nor had it in Apache Liminal",
                      task.name),
          "write it as a `spark` or `python` task that runs the query");
    } else {
      context_.report(model::locate(task.value, "type"), context_.path_of(task), task.name,
                      fmt::format("task `{}` of type `{}` on executor `{}` cannot be written into a DAG file",
                                  task.name, task.type_name, task.executor),
                      "give it a type that runs in a container (python, spark) and a kubernetes executor");
    }
    // The order of the others stays right; the finding keeps the file from being used.
    context_.import_standard("empty", "EmptyOperator");
    const std::string variable = context_.variable(task);
    return {context_.statement(variable, python::call("EmptyOperator", {{"task_id", literal(task.name)}})), variable,
            variable};
  }

  // What runs before a task. An end that judges waits for every task.
  [[nodiscard]] std::vector<std::string> before(const model::Task& task, const std::vector<TaskCode>& codes) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const model::Task& other = pipeline_.tasks[i];
      const bool every = airflow::end_judges(pipeline_, task) && &other < &task;
      if (every || std::find(task.depends_on.begin(), task.depends_on.end(), other.name) != task.depends_on.end())
        names.push_back(codes[i].last);
    }
    return names;
  }

  [[nodiscard]] std::string edges_of(const std::vector<TaskCode>& codes) const {
    std::string text;
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const std::vector<std::string> names = before(pipeline_.tasks[i], codes);
      if (names.empty()) continue;
      const std::string left = names.size() == 1 ? names.front() : fmt::format("[{}]", fmt::join(names, ", "));
      text += python::indented(left + " >> " + codes[i].first) + "\n";
    }
    return text;
  }

  Context context_;
  const model::System& system_;
  const model::Pipeline& pipeline_;
};

}  // namespace

std::string airflow_dag(const model::System& system, const model::Pipeline& pipeline, const Target& target,
                        std::vector<Diagnostic>& findings) {
  return DagFile(system, pipeline, target, findings).text();
}

}  // namespace liminal::engine
