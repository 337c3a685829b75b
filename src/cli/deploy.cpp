#include <fmt/format.h>

#include "liminal/deploy/changes_text.hpp"

#include "cluster_options.hpp"
#include "command.hpp"

namespace liminal::cli {

namespace {

using report::Style;

// `deploy`, and `create`, which stops after what pipelines need.
class DeployCommand final : public Command {
 public:
  explicit DeployCommand(bool create) : create_(create) {}
  [[nodiscard]] std::string name() const override { return create_ ? "create" : "deploy"; }
  [[nodiscard]] std::string summary() const override {
    return create_ ? "Create the volumes and secrets on the cluster, and no pipeline"
                   : "Apply everything to a cluster (--context), or write it into a folder (--render)";
  }
  void declare(CLI::App& app) override {
    paths_.declare(app);
    if (!create_) {
      app.add_option("--render", folder_,
                     "Folder that gets the objects, one file an object; the same bytes when nothing changed")
          ->type_name("DIR");
    }
    context_.declare(app);
    changes_.declare(app);
    target_.declare(app);
    images_.declare(app);
  }

  [[nodiscard]] int run(Session& session) override {
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    if (auto applied = images_.apply(session, *request); !applied) return session.end(applied.error());
    target_.apply(*request);
    ci::Job job(session.world(), std::move(*request), name());
    if (!job.validate()) {
      job.skip("deploy", "the files have errors");
    } else if (!folder_.empty()) {
      job.render(session.absolute(folder_));
      if (session.text() && job.written()) print_written(session.out(), job);
    }
    // Both targets may be named; the cluster is left alone when the folder could not be written.
    if (!job.failed() && (folder_.empty() || context_.given())) {
      auto client = context_.connect(session);
      if (!client) return session.end(client.error());
      to_cluster(session, job, *client);
    }
    return session.end(job.report());
  }

 private:
  void to_cluster(const Session& session, ci::Job& job, kube::Client& client) const {
    deploy::Options options = changes_.options();
    options.volumes_and_secrets_alone = create_;
    job.deploy(client, options);
    if (session.text()) deploy::print(session.out(), job.cluster());
  }

  bool create_;
  std::string folder_;
  PathOptions paths_;
  ImageOptions images_;
  TargetOptions target_;
  ContextOptions context_;
  ChangeOptions changes_;
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
  return std::make_unique<DeployCommand>(false);
}
std::unique_ptr<Command> make_create() {
  return std::make_unique<DeployCommand>(true);
}

}  // namespace liminal::cli
