// Keys of a pipeline that Apache Liminal passes on to Airflow's operators.
#pragma once

#include <string_view>

namespace liminal::engine {

// Whether every operator, of both Airflows, takes an argument of the key's name. The other keys mean something to
// liminal itself, or have no effect (rule ignored-key).
[[nodiscard]] bool every_operator_takes(std::string_view key);

}  // namespace liminal::engine
