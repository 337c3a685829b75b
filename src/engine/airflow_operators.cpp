#include "airflow_operators.hpp"

#include "by_name.hpp"

namespace liminal::engine {

const OperatorArgument* Operator::find(std::string_view argument) const {
  return find_by_name(arguments, argument);
}

std::vector<std::string_view> Operator::argument_names() const {
  std::vector<std::string_view> names;
  names.reserve(arguments.size());
  for (const OperatorArgument& argument : arguments) names.push_back(argument.name);
  return names;
}

const Operator* airflow_operator(std::string_view name) {
  return find_by_name(airflow_operator_table, name);
}

}  // namespace liminal::engine
