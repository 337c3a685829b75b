// One run over a repository: the stages in their order, what each found, and the report of it all. Every command is a
// job that goes through some of the stages; `ci` is the job that goes through all of them.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/airflow/client.hpp"
#include "liminal/base/world.hpp"
#include "liminal/build/build.hpp"
#include "liminal/deploy/cluster.hpp"
#include "liminal/deploy/deploy.hpp"
#include "liminal/deploy/saved_plan.hpp"
#include "liminal/deploy/status.hpp"
#include "liminal/engine/engine.hpp"
#include "liminal/plan/plan.hpp"
#include "liminal/report/run_report.hpp"
#include "liminal/run/on_target.hpp"
#include "liminal/run/run.hpp"
#include "liminal/validate/validate.hpp"

namespace liminal::ci {

struct Request {
  std::filesystem::path working_folder;      // absolute
  std::vector<std::filesystem::path> paths;  // empty: the working folder
  std::vector<std::string> exclude;          // of what is below them; see config::discover
  validate::Options validation;
  Severity fail_on = Severity::error;  // findings at or above it stop the job after `validate`
  build::Options images;               // `output` and `cache` absolute
  engine::Engine engine = engine::Engine::airflow;
  std::optional<engine::ArgoVersion> argo_version;  // that objects are written for; empty: what is found out, or 3.7
  std::string namespace_name = "default";
  std::string image_pull_secret;
  std::vector<std::string> deployed_systems;  // names of what is looked for on a cluster; empty: those of the files
  bool check_images = true;                   // that they are in their registries, before a cluster is written to
};

// What is rendered for, with the images by their names.
[[nodiscard]] engine::Target target_of(const Request& request, const World& world);

struct ChosenPipeline {
  const model::System* system = nullptr;
  const model::Pipeline* pipeline = nullptr;
};

class Job {
 public:
  Job(const World& world, Request request, std::string command);

  // Each stage adds itself to the report and tells whether the next may follow. Where Request::deployed_systems says
  // what is meant, no file is read.
  bool validate();
  bool plan();
  bool build();
  bool push();
  bool render(const std::filesystem::path& folder);
  // What a deploy would change on a cluster: read, never written.
  bool compare(kube::Client& client, const deploy::Options& options);
  // What `compare` found, with Options::note_seen, as a file that `deploy_saved` takes.
  // `context` is how --context names the cluster.
  bool save_plan(kube::Client& client, const std::string& context, const deploy::Options& options,
                 const std::filesystem::path& file);
  bool deploy(kube::Client& client, const deploy::Options& options);
  // The plan as it is: nothing is read of the repository but the values of secrets, which came with it.
  bool deploy_saved(kube::Client& client, const deploy::SavedPlan& plan);
  bool remove(kube::Client& client, const deploy::Options& options);
  // Each system's deploys on record.
  bool history(kube::Client& client);
  // How what was deployed fares, with the newest runs. Of Airflow there are none where none is given.
  bool status(kube::Client& client, const airflow::Client* airflow);
  // Back to what deploy `number` wanted (0: the one before the last).
  bool roll_back(kube::Client& client, unsigned number, deploy::Options options, bool dry_run);
  // The DAG files alone, into a folder that an Airflow reads.
  bool deliver_dags(const std::filesystem::path& folder, bool clean);
  // Takes them away again.
  bool withdraw_dags(const std::filesystem::path& folder);
  // Builds the images that the pipeline's tasks use, and runs it here. `pipeline`: its name, or SYSTEM/NAME.
  bool run(std::string_view pipeline, const run::Options& options);
  // Runs it by the engine that it is deployed to.
  bool run_by_argo(std::string_view pipeline, kube::Client& client, const run::Request& request);
  // `dags`: where a local Airflow reads DAG files from; empty: it is another one.
  bool run_by_airflow(std::string_view pipeline, const airflow::Client& client, const std::filesystem::path& dags,
                      run::AirflowRequest request);
  // The images that were built and name no registry to be pushed to.
  [[nodiscard]] std::vector<std::string> without_registry() const;
  // A stage that does not take place, and why.
  void skip(std::string_view stage, std::string_view why);
  // A stage that could not begin.
  void fail(std::string_view stage, Error error) { give_up(stage, std::move(error)); }

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] const std::vector<model::System>& systems() const { return validation_.systems; }
  [[nodiscard]] const config::Project& project() const { return validation_.project; }
  [[nodiscard]] const plan::Plan& planned() const { return plan_; }
  [[nodiscard]] const std::vector<build::BuiltImage>& built() const { return built_; }
  [[nodiscard]] const std::optional<run::RunResult>& run_result() const { return run_result_; }
  [[nodiscard]] const std::optional<deploy::WrittenFiles>& written() const { return written_; }
  // What was, or would be, changed on the cluster.
  [[nodiscard]] const std::vector<deploy::SetPlan>& cluster() const { return cluster_; }
  struct Deploys {
    deploy::DesiredSet set;
    std::vector<deploy::Revision> revisions;
    std::string unfinished;  // whose deploy began and did not end, and when
  };
  [[nodiscard]] const std::vector<Deploys>& deploys() const { return deploys_; }
  // By system, as `status` found it.
  [[nodiscard]] const std::vector<deploy::SetStatus>& status() const { return status_; }
  [[nodiscard]] const std::vector<run::KnownRun>& runs() const { return runs_; }
  // What is left to do by hand, such as a secret's value to be put in.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  // With the time it took until now.
  [[nodiscard]] const report::RunReport& report();

 private:
  bool finish(report::Stage stage);
  [[nodiscard]] std::chrono::milliseconds elapsed(Clock::Monotonic started) const;
  bool fail_stage(std::string_view stage, std::string summary);
  bool give_up(std::string_view stage, Error error);
  [[nodiscard]] bool at_threshold(const std::vector<Diagnostic>& findings) const;
  // Adds findings to the report; whether the job may go on with them.
  bool tell(const std::vector<Diagnostic>& findings);
  bool plan_images(std::string_view stage);
  bool build_images(const std::function<bool(const build::ImagePlan&)>& wanted);
  // The images that the pipeline's tasks use, by the name they use: built just now, or fetched.
  Result<std::map<std::string, build::BuiltImage>> images_of(const model::System& system,
                                                             const model::Pipeline& pipeline);
  bool end_run(const ChosenPipeline& chosen, Result<run::RunResult> result);
  [[nodiscard]] engine::Rendered rendered() const;
  [[nodiscard]] deploy::Delivery delivery(bool clean) const;
  // Empty when a finding or a secret that cannot be read stopped the stage.
  std::optional<std::vector<deploy::DesiredSet>> desired(std::string_view stage);
  // With what the request says of registries and of Argo.
  [[nodiscard]] deploy::Options completed(deploy::Options options) const;
  // The repository's address, without credentials; empty: not known.
  [[nodiscard]] std::string origin() const;
  // The repository's folder, or else the working folder.
  [[nodiscard]] std::filesystem::path checkout() const;
  // The systems as sets that want nothing.
  [[nodiscard]] std::vector<deploy::DesiredSet> empty_sets() const;
  bool end_compare(std::vector<deploy::SetPlan> plans, Clock::Monotonic started);
  bool end_deploy(deploy::Deployed deployed, Clock::Monotonic started);
  // The same for a deploy, its findings reported; empty when it cannot go on.
  [[nodiscard]] std::optional<engine::Rendered> deployable(std::string_view stage);
  bool wrote(deploy::WrittenFiles files, const std::filesystem::path& folder, std::vector<std::string> notes,
             Clock::Monotonic started);
  [[nodiscard]] std::string reference_of(const model::System& system, const model::Image& image) const;

  const World& world_;
  Request request_;
  Clock::Monotonic started_;
  report::RunReport report_;
  validate::Validation validation_;
  plan::Plan plan_;
  bool images_planned_ = false;
  std::vector<build::BuiltImage> built_;
  bool pushed_ = false;
  std::optional<run::RunResult> run_result_;
  std::optional<deploy::WrittenFiles> written_;
  std::vector<deploy::SetPlan> cluster_;
  std::vector<Deploys> deploys_;
  std::vector<deploy::SetStatus> status_;
  std::vector<run::KnownRun> runs_;
  std::vector<std::string> notes_;
  bool failed_ = false;
};

}  // namespace liminal::ci
