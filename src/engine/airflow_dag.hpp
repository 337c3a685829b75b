// One self-contained DAG file for Airflow 2 and 3.
#pragma once

#include "liminal/engine/engine.hpp"

namespace liminal::engine {

[[nodiscard]] std::string airflow_dag(const model::System& system, const model::Pipeline& pipeline,
                                      const Target& target, std::vector<Diagnostic>& findings);

}  // namespace liminal::engine
