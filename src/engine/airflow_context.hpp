// What the writers of a DAG file's tasks share: where they read from, and what they need at the top of the file.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "liminal/engine/engine.hpp"

#include "airflow_operators.hpp"
#include "kubernetes_models.hpp"
#include "python_writer.hpp"
#include "templates.hpp"

namespace liminal::engine::airflow {

// One task of a pipeline, as one or more of Airflow's.
struct TaskCode {
  std::string statements;  // ends in a line end
  std::string first;       // the variable that what comes before leads to
  std::string last;        // the variable that leads to what comes after; the task whose id is the task's name
};

class Context {
 public:
  Context(const model::System& the_system, const model::Pipeline& the_pipeline, const Target& the_target,
          std::vector<Diagnostic>& findings);

  const model::System& system;
  const model::Pipeline& pipeline;
  const Target& target;
  std::set<std::string> imports;               // whole statements
  std::map<int, std::string> functions;        // their sources, in the order they are called
  std::set<const model::Executor*> executors;  // whose keys have been looked at

  void import_operator(std::string_view name);
  // Those that the standard provider has, which Airflow 3 needs and Airflow 2 may lack.
  void import_standard(std::string_view module, std::string_view name);

  // A literal of a text that may hold templates; those without a form that both Airflows have are reported at `origin`.
  [[nodiscard]] std::string rendered(const model::Task& task, std::string_view text, const document::Origin& origin);
  // The same for every text inside a value.
  [[nodiscard]] Json rendered(Json value, const Variables& variables, const document::Origin& origin);

  // A value of the file as an argument of a type of the table; null and a finding where it does not fit.
  [[nodiscard]] std::string argument(const document::Value& value, std::string_view key, const OperatorArgument& takes,
                                     const std::string& path);

  // The Python variable of a task; `part` tells several of one task apart.
  [[nodiscard]] std::string variable(const model::Task& task, std::string_view part = {}) const;
  // The id of a further task of Airflow's; reported when a task of the file has it.
  [[nodiscard]] std::string id(const model::Task& task, std::string_view part);
  [[nodiscard]] std::string trigger_rule(const model::Task& task) const;
  // retries, retry_delay and the description.
  void add_common(python::Arguments& arguments, const model::Task& task) const;
  [[nodiscard]] std::string statement(const std::string& variable, const std::string& expression) const;

  void report(const document::Origin& origin, std::string path, std::string value, std::string message,
              std::string help, Severity severity = Severity::error);
  [[nodiscard]] std::string path_of(const model::Task& task) const;

 private:
  std::vector<Diagnostic>& findings_;
  std::map<const model::Task*, std::string> variables_;
};

// By family of operators. Each says in findings what it cannot write.
[[nodiscard]] TaskCode pod_task(Context& context, const model::Task& task, const model::Executor* executor);
[[nodiscard]] TaskCode emr_task(Context& context, const model::Task& task, const model::Executor& executor);
[[nodiscard]] TaskCode stack_task(Context& context, const model::Task& task);
[[nodiscard]] TaskCode operator_task(Context& context, const model::Task& task);
[[nodiscard]] TaskCode marker_task(Context& context, const model::Task& task);

// Puts an executor's keys into the arguments of a KubernetesPodOperator.
void add_executor_arguments(Context& context, python::Arguments& arguments, const model::Task& task,
                            const model::Executor& executor);
void set(python::Arguments& arguments, std::string_view name, std::string expression);

// Whether the pipeline's end is told what became of every task, and fails the run with any of them.
[[nodiscard]] bool end_judges(const model::Pipeline& pipeline, const model::Task& task);

}  // namespace liminal::engine::airflow
