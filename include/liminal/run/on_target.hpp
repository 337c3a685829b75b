// run PIPELINE: one pipeline, now, by the engine that it is deployed to. Its tasks are followed to their ends, what
// they print is told as it comes. A run that is no longer followed (Ctrl-C) goes on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "liminal/airflow/client.hpp"
#include "liminal/kube/client.hpp"
#include "liminal/run/run.hpp"

namespace liminal::run {

// A Workflow of the WorkflowTemplate that is deployed in the namespace. With `resume`, a new one that leaves out what
// succeeded; with `only_tasks`, one of those tasks alone. Errors: (usage) it is not deployed there, no such task,
// parameter or run; (unavailable) the cluster; (interrupted), naming the run that goes on.
[[nodiscard]] Result<RunResult> run_by_argo(const World& world, kube::Client& client, const model::System& system,
                                            const model::Pipeline& pipeline, const std::string& namespace_name,
                                            const Request& request);

struct AirflowRequest : Request {
  bool unpause = false;            // a DAG that is switched off is switched on first
  std::filesystem::path dag_file;  // of a local Airflow: it is waited for until it has read this file as it is now
  std::string url;                 // of Airflow's page
};

// A run of the pipeline's DAG. With `resume`, the same run again from what failed. Errors: (usage) there is no such DAG
// or run, it is switched off, or `only_tasks` names some: Airflow runs a DAG whole; (unavailable) Airflow; (failed) its
// file cannot be imported; (interrupted), naming the run that goes on.
[[nodiscard]] Result<RunResult> run_by_airflow(const World& world, const airflow::Client& client,
                                               const model::System& system, const model::Pipeline& pipeline,
                                               const AirflowRequest& request);

// A run that was begun, by whomever.
struct KnownRun {
  std::string pipeline;
  std::string id;
  std::string state;    // waiting, running, succeeded or failed
  std::string started;  // RFC 3339; empty: not yet
  std::string ended;
};

// Of these systems' pipelines, the newest first, at most `most` of each. Errors: the cluster or Airflow cannot be
// reached, or does not let it be read. Where there is no Argo, there are no runs.
[[nodiscard]] Result<std::vector<KnownRun>> runs_of_argo(kube::Client& client,
                                                         const std::vector<model::System>& systems,
                                                         const std::string& namespace_name, std::size_t most);
[[nodiscard]] Result<std::vector<KnownRun>> runs_of_airflow(const airflow::Client& client,
                                                            const std::vector<model::System>& systems,
                                                            std::size_t most);

}  // namespace liminal::run
