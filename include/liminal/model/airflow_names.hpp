// The names that {{ }} may hold because Airflow has them.
#pragma once

#include <string_view>

namespace liminal::model {

// What stands first in an expression: `ds`, the `var` of `var.value.x`, and what Airflow 2 had alone.
[[nodiscard]] bool is_airflow_name(std::string_view name);

}  // namespace liminal::model
