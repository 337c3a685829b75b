#include <array>

#include <fmt/format.h>

#include "liminal/deploy/changes_text.hpp"
#include "liminal/plan/text.hpp"

#include "cluster_options.hpp"
#include "command.hpp"
#include "usage_error.hpp"

namespace liminal::cli {

namespace {

// The main job: every stage in its order; the first that fails ends it, and the rest is reported as skipped.
class CiCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "ci"; }
  [[nodiscard]] std::string summary() const override {
    return "Validate, plan, build, push and deploy in one go; --dry-run for pull requests";
  }
  void declare(CLI::App& app) override {
    paths_.declare(app);
    app.add_flag("--dry-run", dry_run_, "Validate and plan alone; with --context also compare with the cluster");
    app.add_option("--render", folder_, "Folder that gets the cluster's objects and the DAG files")->type_name("DIR");
    context_.declare(app);
    changes_.declare(app);
    changes_.declare_image_check(app);
    images_.declare(app);
    target_.declare(app);
  }

  [[nodiscard]] int run(Session& session) override {
    if (auto sound = context_.check_without(session); !sound) return session.end(sound.error());
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    if (auto applied = images_.apply(session, *request); !applied) return session.end(applied.error());
    target_.apply(*request);
    request->check_images = !changes_.no_check_images;
    ci::Job job(session.world(), std::move(*request), name());
    run_stages(session, job);
    return session.end(job.report());
  }

 private:
  void run_stages(const Session& session, ci::Job& job) const {
    if (!job.validate()) return skip_from(job, 1, "the files have errors");
    if (!job.plan()) return skip_from(job, 2, "plan failed");
    if (session.text()) plan::print(session.out(), job.planned());
    const std::vector<std::string> unnamed = job.without_registry();
    if (!unnamed.empty() && unnamed.size() < job.planned().images.size()) return refuse_to_push(job, unnamed);
    if (dry_run_) {
      if (context_.given() && !compare(session, job))
        return skip_from(job, 2, "the cluster could not be compared with");
      return skip_from(job, 2, "dry run");
    }
    if (!job.build()) return skip_from(job, 3, "build failed");
    if (unnamed.size() == job.planned().images.size()) {
      job.skip("push", unnamed.empty() ? "no images" : "no registry is named: give --registry HOST/PREFIX");
    } else if (!job.push()) {
      return skip_from(job, 4, "push failed");
    }
    if (folder_.empty() && !context_.given())
      return job.skip("deploy", "no target is named: give --context NAME, or --render DIR");
    if (!folder_.empty()) {
      if (!job.render(session.absolute(folder_))) return;
      if (session.text()) print_written(session.out(), job);
    }
    if (!context_.given()) return;
    auto client = context_.connect(session);
    if (!client) return job.fail("deploy", std::move(client.error()));
    job.deploy(*client, changes_.options());
    if (session.text()) deploy::print(session.out(), job.cluster());
  }

  // Half of the images would be named in what is deployed, and nowhere else.
  static void refuse_to_push(ci::Job& job, const std::vector<std::string>& unnamed) {
    job.skip("build", "not all images could be pushed");
    const auto mixed = fail(ErrorKind::usage,
                            fmt::format("some images name their registry, and {} not: {}",
                                        unnamed.size() == 1 ? "one does" : "others do", fmt::join(unnamed, ", ")),
                            "give --registry HOST/PREFIX for those, or write the registry into each name");
    job.fail("push", mixed.value());
    skip_from(job, 4, "nothing was pushed");
  }

  bool compare(const Session& session, ci::Job& job) const {
    auto client = context_.connect(session);
    if (!client) {
      job.fail("cluster", std::move(client.error()));
      return false;
    }
    const bool compared = job.compare(*client, changes_.options());
    if (session.text()) deploy::print(session.out(), job.cluster());
    return compared;
  }

  static void skip_from(ci::Job& job, std::size_t first, std::string_view why) {
    constexpr std::array<std::string_view, 5> stages{"validate", "plan", "build", "push", "deploy"};
    for (std::size_t i = first; i < stages.size(); ++i) job.skip(stages[i], why);
  }

  bool dry_run_ = false;
  std::string folder_;
  PathOptions paths_;
  ImageOptions images_;
  TargetOptions target_;
  ContextOptions context_;
  ChangeOptions changes_;
};

}  // namespace

std::unique_ptr<Command> make_ci() {
  return std::make_unique<CiCommand>();
}

}  // namespace liminal::cli
