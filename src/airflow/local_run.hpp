// The running local Airflow: as a process, or as a container.
#pragma once

#include "local_source.hpp"
#include "local_state.hpp"

namespace liminal::airflow {

// Starts it and completes `state`. What it needs lies in its folder already.
Status launch(const World& world, const LocalPaths& paths, const LocalOptions& options, ChosenSource& chosen,
              LocalState& state);

// Whether it has not ended. Error: the Docker Engine does not answer.
[[nodiscard]] Result<bool> is_running(const World& world, const LocalState& state);

// Ends it and all that it started; also what was begun before its process was known. How much that was.
Result<std::size_t> end(const World& world, const LocalPaths& paths, const LocalState& state);

}  // namespace liminal::airflow
