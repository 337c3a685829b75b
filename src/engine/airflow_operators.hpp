// What Airflow's operators take, as real Airflows 2 and 3 said (script/airflow-tables).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace liminal::engine {

struct OperatorArgument {
  std::string type;        // str, int, bool, timedelta, list[V1Volume], code, ... (kubernetes_models.hpp); "" below
  std::string only_in;     // the Airflow that alone has it: "2" or "3"; empty: both
  bool templated = false;  // Airflow renders it as a template
};

struct Operator {
  std::string import_path;
  std::map<std::string, OperatorArgument, std::less<>> arguments;
};

// Null for an operator that is not in the table.
[[nodiscard]] const Operator* airflow_operator(std::string_view name);

// The versions that the table was made with: "Airflow 2.11.2 and 3.3.2".
[[nodiscard]] std::string airflow_versions();

}  // namespace liminal::engine
