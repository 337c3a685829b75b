// The names that {{ }} may hold because Airflow has them: those of its templates reference, of Airflow 2 and 3.
#pragma once

#include <string_view>

namespace liminal::model {

// What stands first in an expression: `ds`, or the `var` of `var.value.x`; also what only one of 2 and 3 has.
[[nodiscard]] bool is_airflow_name(std::string_view name);

// Whether Airflow 2 and 3 both have it.
[[nodiscard]] bool is_of_every_airflow(std::string_view name);

}  // namespace liminal::model
