#include "liminal/airflow/local_airflow.hpp"
#include "liminal/deploy/changes_text.hpp"

#include "cluster_options.hpp"
#include "command.hpp"
#include "usage_error.hpp"

namespace liminal::cli {

namespace {

class DeleteCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "delete"; }
  [[nodiscard]] std::string summary() const override {
    return "Remove what deploy made: objects of the cluster, where volumes keep their data unless --delete-data names "
           "them, and DAG files";
  }
  void declare(CLI::App& app) override {
    paths_.declare(app);
    app.add_option("--dags", dags_,
                   "Folder that deploy delivered DAG files to (where nothing is named: $LIMINAL_HOME/dags)")
        ->type_name("DIR")
        ->check(not_empty())
        ->envname("LIMINAL_DAGS");
    context_.declare(app);
    changes_.declare(app);
    target_.declare(app);
  }

  [[nodiscard]] int run(Session& session) override {
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    target_.apply(*request);
    const bool by_airflow = request->engine == engine::Engine::airflow;
    ci::Job job(session.world(), std::move(*request), name());
    if (!job.validate()) {
      job.skip("deploy", "the files have errors");
      return session.end(job.report());
    }
    // As deploy finds them.
    const bool nothing_named = !context_.given() && dags_.empty();
    std::filesystem::path dags = dags_.empty() ? std::filesystem::path() : session.absolute(dags_);
    if (nothing_named && by_airflow) {
      const auto home = airflow::liminal_home(session.machine().environment);
      if (home && session.machine().files.info(*home / "dags")) dags = *home / "dags";
    }
    std::optional<kube::Client> cluster;
    if (auto sound = context_.check_without(session); !sound && !nothing_named) return session.end(sound.error());
    if (nothing_named || context_.given()) {
      // Where there are DAG files to remove, there need be no cluster.
      auto found = dags.empty() ? context_.connect(session).map(as_optional) : context_.connect_if_any(session);
      if (!found) return session.end(found.error());
      cluster = std::move(*found);
    }
    // What schedules goes first.
    if (!dags.empty() && job.withdraw_dags(dags) && job.written() && session.text()) {
      session.out().line(dags.string(), report::Style::bold);
      print_written(session.out(), job);
    }
    if (job.failed() || !cluster) return session.end(job.report());
    job.remove(*cluster, changes_.options());
    if (session.text()) deploy::print(session.out(), job.cluster());
    return session.end(job.report());
  }

 private:
  static std::optional<kube::Client> as_optional(kube::Client client) { return client; }

  std::string dags_;
  PathOptions paths_;
  ContextOptions context_;
  ChangeOptions changes_;
  TargetOptions target_;
};

}  // namespace

std::unique_ptr<Command> make_delete() {
  return std::make_unique<DeleteCommand>();
}

}  // namespace liminal::cli
