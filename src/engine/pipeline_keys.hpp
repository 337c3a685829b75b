// Keys of a pipeline that Apache Liminal passes on to Airflow's operators.
#pragma once

#include <string_view>

namespace liminal::engine {

// Which operators, of both Airflows, take an argument of the key's name.
enum class Reach { none, some, every };

// Keys that mean something to liminal itself reach none.
[[nodiscard]] Reach reach_of_pipeline_key(std::string_view key);

}  // namespace liminal::engine
