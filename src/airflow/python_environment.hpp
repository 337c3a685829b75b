// A virtual environment with the Airflow that this program was tried with.
#pragma once

#include <filesystem>

#include "liminal/base/world.hpp"

#include "local_state.hpp"

namespace liminal::airflow {

// The Python of one that is there, complete and of these versions.
[[nodiscard]] std::optional<std::filesystem::path> existing_environment(const FileSystem& files,
                                                                        const LocalPaths& paths, unsigned major);

// The same, made when it is not there: by uv where it is on PATH, else by python's own venv and pip. One that was cut
// off is made anew. Errors (unavailable): no Python, or a package could not be fetched.
[[nodiscard]] Result<std::filesystem::path> make_environment(const World& world, const LocalPaths& paths,
                                                             unsigned major);

}  // namespace liminal::airflow
