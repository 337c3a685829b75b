// Text that may hold {{ templates }}: told apart from text that only looks so, and put as each engine takes it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace liminal::engine {

using Variables = std::vector<std::pair<std::string, std::string>>;

// None when no variable is so named.
[[nodiscard]] const std::string* find_variable(const Variables& variables, std::string_view name);

struct TemplateText {
  std::string text;                        // as the engine takes it
  std::vector<std::string> inexpressible;  // templates the engine has no form for
};

// A Jinja template for Airflow 2 and 3: names that 3 no longer has are put in a form both have, {{ name }} of the
// file's run-time variables looks in the run's conf first, and braces that are no template are quoted.
[[nodiscard]] TemplateText airflow_template(std::string_view text, const Variables& variables);

// Whether the inside of {{ }} means something to Airflow.
[[nodiscard]] bool is_airflow_expression(std::string_view inside, const Variables& variables);

// A text that Argo is to leave as it is, such as a description.
[[nodiscard]] std::string argo_text(std::string_view text);

// For Argo: {{ ds }} and its kin from the scheduled time; other braces are put so that Argo leaves them alone.
[[nodiscard]] TemplateText argo_template(std::string_view text, const Variables& variables);

}  // namespace liminal::engine
