#include "liminal/deploy/changes_text.hpp"

#include "cluster_options.hpp"
#include "command.hpp"

namespace liminal::cli {

namespace {

class DeleteCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "delete"; }
  [[nodiscard]] std::string summary() const override {
    return "Remove what deploy made from the cluster; volumes keep their data unless --delete-data names them";
  }
  void declare(CLI::App& app) override {
    paths_.declare(app);
    context_.declare(app);
    changes_.declare(app);
    target_.declare(app);
  }

  [[nodiscard]] int run(Session& session) override {
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    target_.apply(*request);
    ci::Job job(session.world(), std::move(*request), name());
    if (!job.validate()) {
      job.skip("deploy", "the files have errors");
      return session.end(job.report());
    }
    auto client = context_.connect(session);
    if (!client) return session.end(client.error());
    job.remove(*client, changes_.options());
    if (session.text()) deploy::print(session.out(), job.cluster());
    return session.end(job.report());
  }

 private:
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
