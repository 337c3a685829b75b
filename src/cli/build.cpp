#include "command.hpp"

namespace liminal::cli {

namespace {

// `build` and `push`: the same stages, the second sending what it built in every case.
class BuildCommand final : public Command {
 public:
  explicit BuildCommand(bool push) : push_(push), is_push_(push) {}
  [[nodiscard]] std::string name() const override { return is_push_ ? "push" : "build"; }
  [[nodiscard]] std::string summary() const override {
    return is_push_ ? "Push the images to their registry, building what is missing"
                    : "Build every image that is not already there for this content";
  }
  void declare(CLI::App& app) override {
    paths_.declare(app);
    images_.declare(app);
    if (!is_push_) app.add_flag("--push", push_, "Push what was built");
  }

  [[nodiscard]] int run(Session& session) override {
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    if (auto applied = images_.apply(session, *request); !applied) return session.end(applied.error());
    ci::Job job(session.world(), std::move(*request), name());
    if (job.validate() && job.build() && push_) job.push();
    return session.end(job.report());
  }

 private:
  bool push_;
  bool is_push_;
  PathOptions paths_;
  ImageOptions images_;
};

}  // namespace

std::unique_ptr<Command> make_build() {
  return std::make_unique<BuildCommand>(false);
}
std::unique_ptr<Command> make_push() {
  return std::make_unique<BuildCommand>(true);
}

}  // namespace liminal::cli
