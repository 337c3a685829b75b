// Spark steps on an EMR cluster, and CloudFormation stacks, by the operators of Airflow's Amazon provider.
#include <fmt/format.h>

#include "airflow_context.hpp"

namespace liminal::engine::airflow {

namespace {

using document::Value;
using python::Arguments;
using python::literal;

// What waits for hours keeps no worker busy.
constexpr const char* waiting = "\"reschedule\"";

// Airflow takes a text of the steps that ends so for the name of a file with a template.
std::string kept_as_text(const std::string& text) {
  return text.ends_with(".json") ? text + "{{ '' }}" : text;
}

Json states_of(const model::Executor& executor) {
  for (const auto& [key, value] : executor.arguments) {
    if ((key == "cluster_states" || key == "cluster_state") && !value->is_null())
      return value->is_sequence() ? value->json() : Json::array({value->text()});
  }
  return Json::array({"RUNNING", "WAITING"});
}

const Value* argument_of(const model::Executor& executor, std::string_view name) {
  for (const auto& [key, value] : executor.arguments) {
    if (key == name && !value->is_null()) return value;
  }
  return nullptr;
}

// A step runs on the cluster's own machines.
void report_what_a_step_has_not(Context& context, const model::Task& task, const model::Executor& executor) {
  const auto report = [&](std::string_view key, std::string_view what, std::string help) {
    context.report(
        model::locate(task.value, key), context.path_of(task) + "." + std::string(key), std::string(key),
        fmt::format("{} of task `{}` cannot reach an EMR step (executor `{}`)", what, task.name, executor.name),
        std::move(help));
  };
  if (!task.environment.empty())
    report("env_vars", "environment variables",
           "put them into `conf`, as spark.yarn.appMasterEnv.NAME and "
           "spark.executorEnv.NAME, or use a kubernetes executor");
  if (!task.mounts.empty()) report("mounts", "volumes", "read from S3, or use a kubernetes executor");
  if (!task.secrets.empty())
    report("secrets", "secrets", "use the cluster's instance profile, or a kubernetes executor");
  if (task.copies > 1) report("executors", "parallel copies", "use a kubernetes executor");
}

void add_cluster(Context& context, Arguments& arguments, const model::Executor& executor) {
  const Value* id = argument_of(executor, "cluster_id");
  const Value* name = argument_of(executor, "cluster_name");
  if ((id == nullptr) == (name == nullptr))
    context.report(
        model::locate(executor.value, id == nullptr ? "executor" : "cluster_id"),
        fmt::format("executors[{}]", executor.name), executor.name,
        fmt::format("executor `{}` has to name its cluster once, by `cluster_id` or by `cluster_name`", executor.name),
        "write one of them");
  if (id != nullptr) {
    arguments.emplace_back("job_flow_id", literal(id->text()));
  } else if (name != nullptr) {
    arguments.emplace_back("job_flow_name", literal(name->text()));
    arguments.emplace_back("cluster_states", python::json_literal(states_of(executor)));
  }
}

std::string connection_of(const model::Executor& executor) {
  const Value* connection = argument_of(executor, "aws_conn_id");
  return literal(connection == nullptr ? "aws_default" : connection->text());
}

std::string steps_of(Context& context, const model::Task& task, const model::Executor& executor) {
  Json step = {{"Name", task.name}, {"ActionOnFailure", "CONTINUE"}};
  if (const Value* properties = argument_of(executor, "properties")) {
    const Json more = properties->json();
    for (const auto& [key, value] : more.items()) step[key] = value;
  }
  Json words = Json::array();
  const std::vector<model::CommandWord> command = model::container_command(task).words();
  for (const model::CommandWord& word : command)
    words.push_back(kept_as_text(context.rendered(Json(word.text), task.variables, word.origin).get<std::string>()));
  step["HadoopJarStep"] = {{"Jar", "command-runner.jar"}, {"Args", std::move(words)}};
  return python::json_literal(Json::array({std::move(step)}));
}

// CreateStack's parameters and tags are lists of pairs; in the file they may be maps.
Json as_pairs(Json properties, std::string_view member, std::string_view key, std::string_view value) {
  const auto found = properties.find(std::string(member));
  if (found == properties.end() || !found->is_object()) return properties;
  Json pairs = Json::array();
  for (const auto& [name, text] : found->items()) {
    const std::string written = text.is_string() ? text.get<std::string>() : text.dump();
    pairs.push_back({{std::string(key), name}, {std::string(value), written}});
  }
  *found = std::move(pairs);
  return properties;
}

constexpr std::string_view choose_creation = R"(def choose_creation(stack_name, create, done):
    """A stack that is there is left as it is."""
    from airflow.providers.amazon.aws.hooks.cloud_formation import CloudFormationHook

    there = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "DELETE_FAILED")
    return done if CloudFormationHook().get_stack_status(stack_name) in there else create
)";

constexpr std::string_view choose_deletion = R"(def choose_deletion(ti, delete, done):
    """A stack stays while another run of this DAG may need it."""
    if hasattr(ti, "get_dr_count"):  # Airflow 3
        running = ti.get_dr_count(dag_id=ti.dag_id, states=["running"])
    else:
        from airflow.models.dagrun import DagRun

        running = len(DagRun.find(dag_id=ti.dag_id, state="running"))
    return done if running > 1 else delete
)";

}  // namespace

TaskCode emr_task(Context& context, const model::Task& task, const model::Executor& executor) {
  context.import_operator("EmrAddStepsOperator");
  context.import_operator("EmrStepSensor");
  report_what_a_step_has_not(context, task, executor);
  const std::string add_id = context.id(task, "add_step");
  const std::string add = context.variable(task, "add_step");
  const std::string watch = context.variable(task);
  Arguments adding{{"task_id", literal(add_id)}};
  add_cluster(context, adding, executor);
  adding.emplace_back("aws_conn_id", connection_of(executor));
  adding.emplace_back("steps", steps_of(context, task, executor));
  adding.emplace_back("trigger_rule", context.trigger_rule(task));
  context.add_common(adding, task);
  const auto pulled = [&](std::string_view rest) {
    return literal(fmt::format("{{{{ ti.xcom_pull({}, {} }}}}", "task_ids='" + add_id + "'", rest));
  };
  Arguments watching{{"task_id", literal(context.id(task, "watch_step"))},
                     {"job_flow_id", pulled("key='job_flow_id')")},
                     {"step_id", pulled("key='return_value')[0]")},
                     {"aws_conn_id", connection_of(executor)},
                     {"mode", waiting}};
  return {context.statement(add, python::call("EmrAddStepsOperator", adding)) +
              context.statement(watch, python::call("EmrStepSensor", watching)) +
              python::indented(add + " >> " + watch) + "\n",
          add, watch};
}

TaskCode stack_task(Context& context, const model::Task& task) {
  const bool create = task.type == model::TaskType::create_cloudformation_stack;
  const std::string kind = create ? "Create" : "Delete";
  const std::string verb = create ? "create" : "delete";
  const std::string operator_name = "CloudFormation" + kind + "StackOperator";
  const std::string sensor_name = "CloudFormation" + kind + "StackSensor";
  context.import_operator(operator_name);
  context.import_operator(sensor_name);
  context.import_standard("empty", "EmptyOperator");
  context.import_standard("python", "BranchPythonOperator");
  context.functions[create ? 5 : 6] = create ? choose_creation : choose_deletion;
  const std::string stack = context.rendered(task, task.stack_name, model::locate(task.value, "stack_name"));

  const std::string check = context.variable(task, "check");
  const std::string act = context.variable(task, verb);
  const std::string watch = context.variable(task, "watch");
  const std::string done = context.variable(task);
  Arguments choices;
  if (create) choices.emplace_back("\"stack_name\"", stack);
  choices.emplace_back("\"" + verb + "\"", literal(context.id(task, verb)));
  choices.emplace_back("\"done\"", literal(task.name));
  Arguments checking{{"task_id", literal(context.id(task, "check"))},
                     {"python_callable", create ? "choose_creation" : "choose_deletion"},
                     {"op_kwargs", python::dictionary(choices)},
                     {"trigger_rule", context.trigger_rule(task)}};
  Arguments acting{{"task_id", literal(context.id(task, verb))}, {"stack_name", stack}};
  if (create) {
    Json properties = task.properties == nullptr ? Json::object() : task.properties->json();
    properties = as_pairs(std::move(properties), "Parameters", "ParameterKey", "ParameterValue");
    properties = as_pairs(std::move(properties), "Tags", "Key", "Value");
    acting.emplace_back("cloudformation_parameters",
                        python::json_literal(context.rendered(std::move(properties), task.variables,
                                                              model::locate(task.value, "properties"))));
  }
  context.add_common(acting, task);
  std::string text = context.statement(check, python::call("BranchPythonOperator", checking));
  text += context.statement(act, python::call(operator_name, acting));
  text += context.statement(
      watch, python::call(sensor_name,
                          {{"task_id", literal(context.id(task, "watch"))}, {"stack_name", stack}, {"mode", waiting}}));
  text += context.statement(done, python::call("EmptyOperator", {{"task_id", literal(task.name)},
                                                                 {"trigger_rule", "\"none_failed_min_one_success\""}}));
  text += python::indented(check + " >> " + act + " >> " + watch + " >> " + done) + "\n";
  text += python::indented(check + " >> " + done) + "\n";
  return {text, check, done};
}

}  // namespace liminal::engine::airflow
