// Tasks of a declared type that is an operator of Airflow's: a call with literals, and nothing else of the repository.
#include <fmt/format.h>

#include "airflow_context.hpp"

namespace liminal::engine::airflow {

namespace {

// Which arguments Airflow renders, the operator alone knows: a text without a template is left as it is written.
Json argument(Context& context, const model::Task& task, const document::Value& value) {
  if (value.is_sequence()) {
    Json list = Json::array();
    for (const document::Value& item : value.items) list.push_back(argument(context, task, item));
    return list;
  }
  if (value.is_mapping()) {
    Json::object_t map;
    for (const document::Value::Member& member : value.members)
      map.emplace_back(member.key, argument(context, task, member.value));
    return map;
  }
  if (!value.is_string() || !document::holds_template(value.scalar)) return value.json();
  return context.rendered(value.json(), task.variables, value.origin);
}

}  // namespace

TaskCode operator_task(Context& context, const model::Task& task) {
  const std::string variable = context.variable(task);
  // A name of its own: a class may be called like something else of this file.
  const std::string name = "operator_" + variable;
  context.imports.insert(fmt::format("from {} import {} as {}\n", task.operator_module, task.operator_class, name));
  python::Arguments arguments{{"task_id", python::literal(task.name)}};
  if (task.operator_arguments != nullptr) {
    for (const document::Value::Member& member : task.operator_arguments->members)
      arguments.emplace_back(member.key, python::json_literal(argument(context, task, member.value)));
  }
  arguments.emplace_back("trigger_rule", context.trigger_rule(task));
  context.add_common(arguments, task);
  return {context.statement(variable, python::call(name, arguments)), variable, variable};
}

}  // namespace liminal::engine::airflow
