// What Airflow's operators take, as real Airflows 2 and 3 said (script/airflow-tables): airflow_operators.json, made
// into constants by tables/write_tables.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace liminal::engine {

struct OperatorArgument {
  std::string_view name;
  std::string_view type;     // str, int, bool, timedelta, list[V1Volume], code, ... (kubernetes_models.hpp); "" below
  std::string_view only_in;  // the Airflow that alone has it: "2" or "3"; empty: both
  bool templated = false;    // Airflow renders it as a template
};

struct Operator {
  std::string_view name;
  std::string_view import_path;
  std::span<const OperatorArgument> arguments;  // by name

  // Null for one that it does not have.
  [[nodiscard]] const OperatorArgument* find(std::string_view argument) const;
  [[nodiscard]] std::vector<std::string_view> argument_names() const;
};

// By name.
extern const std::span<const Operator> airflow_operator_table;

// Null for an operator that is not in the table.
[[nodiscard]] const Operator* airflow_operator(std::string_view name);

// The versions that the table was made with: "Airflow 2.11.2 and 3.3.2".
extern const std::string_view airflow_table_versions;

}  // namespace liminal::engine
