#include <fmt/format.h>

#include "command.hpp"

namespace liminal::cli {

namespace {

using report::Style;

class DeployCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "deploy"; }
  [[nodiscard]] std::string summary() const override {
    return "Write the cluster's objects and the DAG files into a folder (--render)";
  }
  void declare(CLI::App& app) override {
    paths_.declare(app);
    app.add_option("--render", folder_,
                   "Folder that gets them, one file an object; the same bytes when nothing changed")
        ->type_name("DIR");
    target_.declare(app);
    images_.declare(app);
  }

  [[nodiscard]] int run(Session& session) override {
    if (folder_.empty()) {
      return session.end(Error{ErrorKind::usage,
                               "this version writes to no cluster: it renders into a folder",
                               "give --render DIR, and apply what is in it",
                               {},
                               {},
                               false});
    }
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    if (auto applied = images_.apply(session, *request); !applied) return session.end(applied.error());
    target_.apply(*request);
    ci::Job job(session.world(), std::move(*request), name());
    if (job.validate()) {
      job.render(session.absolute(folder_));
    } else {
      job.skip("deploy", "the files have errors");
    }
    if (session.text() && job.written()) print_written(session.out(), job);
    return session.end(job.report());
  }

 private:
  std::string folder_;
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
