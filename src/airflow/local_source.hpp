// What can run an Airflow here, and which of them does.
#pragma once

#include <optional>
#include <string>

#include "liminal/airflow/local_airflow.hpp"
#include "liminal/docker/client.hpp"

#include "local_state.hpp"

namespace liminal::airflow {

struct ChosenSource {
  LocalSource source = LocalSource::installed;
  std::string python;                    // that has Airflow installed
  std::optional<docker::Client> engine;  // that has the image
  std::string image;
};

// Errors (unavailable): what was asked for is not there; nothing is, with what was looked for and how to get one.
[[nodiscard]] Result<ChosenSource> choose_source(const World& world, const LocalPaths& paths,
                                                 const LocalOptions& options);

// The Python that a program of this name on PATH is run by; empty: there is no such program, or it is none of Python's.
[[nodiscard]] std::optional<std::string> python_of(const World& world, const std::string& program);

}  // namespace liminal::airflow
