#include <fmt/format.h>

#include "liminal/airflow/local_airflow.hpp"

#include "command.hpp"

namespace liminal::cli {

namespace {

using report::Style;

class DeployCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "deploy"; }
  [[nodiscard]] std::string summary() const override {
    return "Deliver the DAG files to an Airflow's folder (--dags), or render everything into a folder (--render)";
  }
  void declare(CLI::App& app) override {
    paths_.declare(app);
    app.add_option("--render", folder_,
                   "Folder that gets them, one file an object; the same bytes when nothing changed")
        ->type_name("DIR");
    app.add_option("--dags", dags_,
                   "Folder that an Airflow reads, which gets the DAG files (default: $LIMINAL_HOME/dags)")
        ->type_name("DIR")
        ->envname("LIMINAL_DAGS");
    app.add_flag("--clean", clean_, "With --dags: remove the systems' DAG files first, and write them anew");
    target_.declare(app);
    images_.declare(app);
  }

  [[nodiscard]] int run(Session& session) override {
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    if (auto applied = images_.apply(session, *request); !applied) return session.end(applied.error());
    target_.apply(*request);
    const auto dags = dags_folder(session, *request);
    if (!dags) return session.end(dags.error());
    ci::Job job(session.world(), std::move(*request), name());
    if (!job.validate()) {
      job.skip("deploy", "the files have errors");
      return session.end(job.report());
    }
    if (!folder_.empty() && job.render(session.absolute(folder_)) && session.text()) print_written(session.out(), job);
    if (!job.failed() && *dags && job.deliver_dags(**dags, clean_) && session.text()) {
      session.out().line((*dags)->string(), Style::bold);
      print_written(session.out(), job);
    }
    return session.end(job.report());
  }

 private:
  // Empty: only rendering was asked for. Errors (usage): there is no such folder, or the engine has no DAG files.
  Result<std::optional<std::filesystem::path>> dags_folder(const Session& session, const ci::Request& request) const {
    if (dags_.empty() && !folder_.empty()) return std::optional<std::filesystem::path>();
    if (request.engine == engine::Engine::argo)
      return fail(ErrorKind::usage, "Argo Workflows has no DAG files, and this version writes to no cluster",
                  "give --render DIR, and apply what is in it");
    if (!dags_.empty()) return std::optional(session.absolute(dags_));
    auto home = airflow::liminal_home(session.machine().environment);
    if (!home) return tl::unexpected(std::move(home.error()));
    return std::optional(*home / "dags");
  }

  std::string folder_;
  std::string dags_;
  bool clean_ = false;
  PathOptions paths_;
  ImageOptions images_;
  TargetOptions target_;
};

}  // namespace

void print_written(report::Terminal& out, const ci::Job& job) {
  for (const std::string& path : job.written()->written) out.line("  + " + path, Style::added);
  for (const std::string& path : job.written()->removed) out.line("  - " + path, Style::removed);
  if (!job.written()->unchanged.empty())
    out.line(fmt::format("  = {} unchanged", job.written()->unchanged.size()), Style::dim);
  for (const std::string& note : job.notes()) out.line("note: " + note, Style::note);
}

std::unique_ptr<Command> make_deploy() {
  return std::make_unique<DeployCommand>();
}

}  // namespace liminal::cli
