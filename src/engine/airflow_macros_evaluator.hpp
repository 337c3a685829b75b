// What an expression of a template means for one run.
#pragma once

#include <string>

#include "liminal/engine/airflow_macros.hpp"

#include "airflow_macros_parser.hpp"

namespace liminal::engine::macros {

// The text that stands in the place of {{ expression }}. Errors: what is not known, by its name.
[[nodiscard]] Result<std::string> evaluate(const Expression& expression, const MacroContext& context);

}  // namespace liminal::engine::macros
