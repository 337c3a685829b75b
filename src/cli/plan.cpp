#include "liminal/plan/text.hpp"

#include "command.hpp"

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
  }

  [[nodiscard]] bool takes_format(std::string_view format) const override {
    return format == "mermaid" || format == "dot";
  }

  [[nodiscard]] int run(Session& session) override {
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    if (auto applied = images_.apply(session, *request); !applied) return session.end(applied.error());
    target_.apply(*request);
    ci::Job job(session.world(), std::move(*request), name());
    if (job.validate()) {
      if (job.plan()) print(session, job.planned());
    } else {
      job.skip("plan", "the files have errors");
    }
    return session.end(job.report());
  }

 private:
  static void print(const Session& session, const plan::Plan& planned) {
    const std::string& format = session.options().format;
    if (format == "text") plan::print(session.out(), planned);
    if (format == "mermaid") session.out().print(plan::to_mermaid(planned));
    if (format == "dot") session.out().print(plan::to_dot(planned));
  }

  PathOptions paths_;
  ImageOptions images_;
  TargetOptions target_;
};

}  // namespace

std::unique_ptr<Command> make_plan() {
  return std::make_unique<PlanCommand>();
}

}  // namespace liminal::cli
