// What an expression of a template means for one run.
#pragma once

#include <string>

#include "liminal/engine/airflow_macros.hpp"
#include "liminal/jinja/expression.hpp"

namespace liminal::engine::macros {

// The text that stands in the place of {{ expression }}. Errors: what is not known, by its name.
[[nodiscard]] Result<std::string> evaluate(const jinja::Expression& expression, const MacroContext& context);

}  // namespace liminal::engine::macros
