#include <algorithm>

#include "liminal/deploy/changes_text.hpp"
#include "liminal/plan/text.hpp"

#include "cluster_options.hpp"
#include "command.hpp"
#include "usage_error.hpp"

namespace liminal::cli {

namespace {

class PlanCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "plan"; }
  [[nodiscard]] std::string summary() const override {
    return "Dry run of everything: tasks, next runs, images, cluster objects";
  }
  void declare(CLI::App& app) override {
    paths_.declare(app);
    images_.declare(app);
    target_.declare(app);
    context_.declare(app);
    changes_.declare(app);
    app.add_option("--out", out_, "File that gets the plan for the cluster, which deploy --plan applies as it is")
        ->type_name("FILE");
    app.add_flag("--exit-code", exit_code_, "End with 5 when there are changes to make");
  }

  [[nodiscard]] std::vector<std::string> formats() const override {
    std::vector<std::string> formats = Command::formats();
    formats.insert(formats.end(), {"mermaid", "dot"});
    return formats;
  }

  [[nodiscard]] int run(Session& session) override {
    if (!out_.empty() && !context_.given())
      return session.end(Error{ErrorKind::usage,
                               "--out saves a plan for a cluster, and none is named",
                               "give --context NAME",
                               {},
                               {},
                               false});
    if (out_ == "-")
      return session.end(Error{ErrorKind::usage,
                               "--out saves a plan into a file, which only its owner may read",
                               "name a file",
                               {},
                               {},
                               false});
    if (auto sound = context_.check_without(session); !sound) return session.end(sound.error());
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    if (auto applied = images_.apply(session, *request); !applied) return session.end(applied.error());
    target_.apply(*request);
    ci::Job job(session.world(), std::move(*request), name());
    if (!job.validate()) {
      job.skip("plan", "the files have errors");
      return session.end(job.report());
    }
    if (!job.plan()) return session.end(job.report());
    print(session, job.planned());
    if (context_.given()) {
      auto client = context_.connect(session);
      if (!client) return session.end(client.error());
      compare(session, job, *client);
    }
    const int status = session.end(job.report());
    return status == 0 && exit_code_ && has_changes(job) ? changes_to_make : status;
  }

 private:
  static constexpr int changes_to_make = 5;

  void compare(const Session& session, ci::Job& job, kube::Client& client) const {
    deploy::Options options = changes_.options();
    options.note_seen = !out_.empty();
    const bool compared = job.compare(client, options);
    if (session.text()) deploy::print(session.out(), job.cluster());
    if (out_.empty()) return;
    // What a deploy would refuse is nothing to apply.
    if (!compared) return job.skip("save", "a deploy would refuse this plan");
    const std::string& name = client.connection().context;
    job.save_plan(client, name.empty() ? context_.context : name, options, session.absolute(out_));
  }

  // Images to build, or objects to write where a cluster is named.
  static bool has_changes(const ci::Job& job) {
    const auto& images = job.planned().images;
    const auto& sets = job.cluster();
    return std::any_of(images.begin(), images.end(), [](const auto& image) { return !image.up_to_date; }) ||
           std::any_of(sets.begin(), sets.end(), [](const auto& set) { return set.has_changes(); });
  }

  static void print(const Session& session, const plan::Plan& planned) {
    const std::string& format = session.options().format;
    if (format == "text") plan::print(session.out(), planned);
    if (format == "mermaid") session.out().text(plan::to_mermaid(planned));
    if (format == "dot") session.out().text(plan::to_dot(planned));
  }

  PathOptions paths_;
  ImageOptions images_;
  TargetOptions target_;
  ContextOptions context_;
  ChangeOptions changes_;
  std::string out_;
  bool exit_code_ = false;
};

}  // namespace

std::unique_ptr<Command> make_plan() {
  return std::make_unique<PlanCommand>();
}

}  // namespace liminal::cli
