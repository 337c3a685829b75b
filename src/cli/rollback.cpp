#include <limits>

#include "liminal/deploy/changes_text.hpp"

#include "cluster_options.hpp"
#include "command.hpp"
#include "usage_error.hpp"

namespace liminal::cli {

namespace {

class RollbackCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "rollback"; }
  [[nodiscard]] std::string summary() const override {
    return "Apply again what an earlier deploy wanted (see history); secrets and data stay as they are";
  }
  void declare(CLI::App& app) override {
    app.add_option("--to", number_,
                   "Number of the deploy (default: the one before the last; the last that ended when one did not)")
        ->type_name("N")
        ->check(between(1, std::numeric_limits<unsigned>::max()));
    app.add_flag("--dry-run", dry_run_, "Tell what it would change, and change nothing");
    paths_.declare(app);
    declare_deployed_systems(app, systems_);
    context_.declare(app);
    changes_.declare(app);
    changes_.declare_image_check(app);
    target_.declare(app);
  }

  [[nodiscard]] int run(Session& session) override {
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    target_.apply(*request);
    request->deployed_systems = systems_;
    request->check_images = !changes_.no_check_images;
    ci::Job job(session.world(), std::move(*request), name());
    if (!job.validate()) return session.end(job.report());
    auto client = context_.connect(session);
    if (!client) return session.end(client.error());
    job.roll_back(*client, number_, changes_.options(), dry_run_);
    if (session.text()) deploy::print(session.out(), job.cluster());
    return session.end(job.report());
  }

 private:
  unsigned number_ = 0;
  bool dry_run_ = false;
  std::vector<std::string> systems_;
  PathOptions paths_;
  ContextOptions context_;
  ChangeOptions changes_;
  TargetOptions target_;
};

}  // namespace

std::unique_ptr<Command> make_rollback() {
  return std::make_unique<RollbackCommand>();
}

}  // namespace liminal::cli
