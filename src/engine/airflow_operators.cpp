#include "airflow_operators.hpp"

#include "liminal/base/json.hpp"

namespace liminal::engine {

extern const std::string_view airflow_operators_text;

namespace {

struct Table {
  std::map<std::string, Operator, std::less<>> operators;
  std::string versions;
};

Table read_table() {
  const Json json = Json::parse(airflow_operators_text);
  Table table;
  table.versions = "Airflow " + json["versions"]["2"]["apache-airflow"].get<std::string>() + " and " +
                   json["versions"]["3"]["apache-airflow"].get<std::string>();
  for (const auto& [name, description] : json["operators"].items()) {
    Operator& made = table.operators[name];
    made.import_path = description["import"].get<std::string>();
    for (const auto& [key, type] : description["arguments"].items()) made.arguments[key].type = type.get<std::string>();
    for (const auto& [key, version] : description["only_in"].items())
      made.arguments[key].only_in = version.get<std::string>();
    for (const Json& key : description["templated"]) {
      const auto argument = made.arguments.find(key.get<std::string>());
      if (argument != made.arguments.end()) argument->second.templated = true;
    }
  }
  return table;
}

const Table& table() {
  static const Table made = read_table();
  return made;
}

}  // namespace

const Operator* airflow_operator(std::string_view name) {
  const auto found = table().operators.find(name);
  return found == table().operators.end() ? nullptr : &found->second;
}

std::string airflow_versions() {
  return table().versions;
}

}  // namespace liminal::engine
