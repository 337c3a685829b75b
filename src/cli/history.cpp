#include <fmt/format.h>

#include "cluster_options.hpp"
#include "command.hpp"

namespace liminal::cli {

namespace {

using report::Style;

class HistoryCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "history"; }
  [[nodiscard]] std::string summary() const override {
    return "Tell what was deployed to a cluster: when, by whom, which commit";
  }
  void declare(CLI::App& app) override {
    paths_.declare(app);
    declare_deployed_systems(app, systems_);
    context_.declare(app);
    target_.declare(app);
  }

  [[nodiscard]] int run(Session& session) override {
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    target_.apply(*request);
    request->deployed_systems = systems_;
    ci::Job job(session.world(), std::move(*request), name());
    if (!job.validate()) return session.end(job.report());
    auto client = context_.connect(session);
    if (!client) return session.end(client.error());
    job.history(*client);
    if (session.text()) print(session.out(), job);
    return session.end(job.report());
  }

 private:
  static void print(report::Terminal& out, const ci::Job& job) {
    for (const auto& [set, revisions, unfinished] : job.deploys()) {
      out.print("system ");
      out.print(set.system, Style::bold);
      out.line("  namespace " + set.namespace_name, Style::dim);
      if (!unfinished.empty()) out.line("  a deploy of " + unfinished + " began and has not ended", Style::warning);
      if (revisions.empty()) out.line("  no deploy is on record", Style::dim);
      for (const deploy::Revision& revision : revisions) {
        const deploy::Author& author = revision.author;
        out.print(fmt::format("{:>5}  ", revision.number), Style::accent);
        out.print(fmt::format("{}  {}@{}  ", revision.time, author.who, author.host));
        if (!author.commit.empty()) out.print(author.commit.substr(0, 10) + "  ");
        out.line(revision.what, Style::dim);
      }
    }
  }

  std::vector<std::string> systems_;
  PathOptions paths_;
  ContextOptions context_;
  TargetOptions target_;
};

}  // namespace

std::unique_ptr<Command> make_history() {
  return std::make_unique<HistoryCommand>();
}

}  // namespace liminal::cli
