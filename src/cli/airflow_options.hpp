// Which Airflow is spoken to: one that is named, or the one that runs here.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "liminal/airflow/client.hpp"

#include "session.hpp"

namespace liminal::cli {

struct AirflowServer {
  airflow::Client client;
  std::string url;
  std::filesystem::path dags;  // of the local Airflow; empty: another one
};

struct AirflowOptions {
  std::string url;
  bool insecure = false;

  void declare(CLI::App& app);
  // Signs in with LIMINAL_AIRFLOW_USERNAME and LIMINAL_AIRFLOW_PASSWORD, or LIMINAL_AIRFLOW_TOKEN: never options, which
  // everybody on the machine can read. Errors (usage): none is named and none runs here, or there is no login.
  [[nodiscard]] Result<AirflowServer> connect(const Session& session) const;
  // The same; empty when none is named and none runs here.
  [[nodiscard]] Result<std::optional<AirflowServer>> connect_if_any(const Session& session) const;
};

}  // namespace liminal::cli
