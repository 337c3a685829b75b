#include "liminal/deploy/changes_text.hpp"

#include "cluster_options.hpp"
#include "command.hpp"

namespace liminal::cli {

namespace {

class CreateCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "create"; }
  [[nodiscard]] std::string summary() const override {
    return "Create the volumes and secrets on the cluster, and no pipeline";
  }
  void declare(CLI::App& app) override {
    paths_.declare(app);
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
      return session.end(job.report());
    }
    auto client = context_.connect(session);
    if (!client) return session.end(client.error());
    deploy::Options options = changes_.options();
    options.volumes_and_secrets_alone = true;
    job.deploy(*client, options);
    if (session.text()) deploy::print(session.out(), job.cluster());
    return session.end(job.report());
  }

 private:
  PathOptions paths_;
  ContextOptions context_;
  ChangeOptions changes_;
  TargetOptions target_;
  ImageOptions images_;
};

}  // namespace

std::unique_ptr<Command> make_create() {
  return std::make_unique<CreateCommand>();
}

}  // namespace liminal::cli
