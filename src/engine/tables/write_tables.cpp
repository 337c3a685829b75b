// Runs at build time: write_tables airflow_operators.json kubernetes_models.json OUTPUT.cpp writes both as constants,
// so that no run has to read them.
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;

json read(const char* file) {
  std::ifstream input(file);
  return json::parse(input);
}

// JSON's escapes are those of C++.
std::string literal(const json& text) {
  return text.dump();
}

void write_operators(const json& table, std::ostream& output) {
  std::string operators;
  std::size_t number = 0;
  for (const auto& [name, description] : table.at("operators").items()) {
    json arguments = json::object();
    for (const auto& [key, type] : description.at("arguments").items()) arguments[key]["type"] = type;
    for (const auto& [key, version] : description.at("only_in").items()) arguments[key]["only_in"] = version;
    for (const json& key : description.at("templated")) {
      if (arguments.contains(key)) arguments[key.get<std::string>()]["templated"] = true;
    }
    output << "constexpr std::array<OperatorArgument, " << arguments.size() << "> arguments_" << number << "{{\n";
    for (const auto& [key, argument] : arguments.items())
      output << "{" << literal(key) << ", " << literal(argument.value("type", "")) << ", "
             << literal(argument.value("only_in", "")) << ", " << argument.value("templated", false) << "},\n";
    output << "}};\n";
    operators += "{" + literal(name) + ", " + literal(description.at("import")) + ", arguments_" +
                 std::to_string(number++) + "},\n";
  }
  output << "constexpr std::array<Operator, " << number << "> operators{{\n" << operators << "}};\n";
}

void write_models(const json& models, std::ostream& output) {
  std::string all;
  std::size_t number = 0;
  for (const auto& [name, fields] : models.items()) {
    output << "constexpr std::array<KubernetesField, " << fields.size() << "> fields_" << number << "{{\n";
    for (const auto& [python, field] : fields.items())
      output << "{" << literal(python) << ", " << literal(field.at(0)) << ", " << literal(field.at(1)) << ", "
             << (field.size() > 2) << "},\n";
    output << "}};\n";
    all += "{" + literal(name) + ", fields_" + std::to_string(number++) + "},\n";
  }
  output << "constexpr std::array<KubernetesModel, " << number << "> models{{\n" << all << "}};\n";
}

int write(const char* operators_file, const char* models_file, const char* file) {
  const json operators = read(operators_file);
  const json models = read(models_file);
  const auto version = [&](const char* of) {
    return operators.at("versions").at(of).at("apache-airflow").get<std::string>();
  };
  std::ofstream output(file);
  output << std::boolalpha
         << "#include <array>\n\n#include \"airflow_operators.hpp\"\n#include \"kubernetes_models_table.hpp\"\n\n"
            "namespace liminal::engine {\n\nnamespace {\n\n";
  write_operators(operators, output);
  write_models(models, output);
  output << "\n}  // namespace\n\nconst std::span<const Operator> airflow_operator_table{operators};\n"
            "const std::string_view airflow_table_versions{"
         << literal("Airflow " + version("2") + " and " + version("3"))
         << "};\nconst std::span<const KubernetesModel> kubernetes_model_table{models};\n\n}  // namespace "
            "liminal::engine\n";
  output.close();
  if (output) return 0;
  std::fprintf(stderr, "%s cannot be written\n", file);
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  try {
    return write(arguments[1], arguments[2], arguments[3]);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s, %s: %s\n", arguments[1], arguments[2], problem.what());
    return 1;
  }
}
