#include <fmt/format.h>

#include "liminal/deploy/changes_text.hpp"

#include "airflow_options.hpp"
#include "cluster_options.hpp"
#include "command.hpp"
#include "local_airflow.hpp"

namespace liminal::cli {

namespace {

using report::Style;

class StatusCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "status"; }
  [[nodiscard]] std::string summary() const override {
    return "How what was deployed fares (--context), or whether the local Airflow runs, and how to sign in";
  }
  void declare(CLI::App& app) override {
    paths_.declare(app);
    context_.declare(app);
    engine_.declare(app);
    airflow_.declare(app);
  }
  [[nodiscard]] int run(Session& session) override {
    if (auto sound = context_.check_without(session); !sound) return session.end(sound.error());
    return context_.given() ? of_cluster(session) : of_local_airflow(session);
  }

 private:
  int of_cluster(Session& session) {
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    engine_.apply(*request);
    ci::Job job(session.world(), std::move(*request), name());
    if (!job.validate()) return session.end(job.report());
    auto client = context_.connect(session);
    if (!client) return session.end(client.error());
    std::optional<AirflowServer> server;
    if (engine_.engine == "airflow") {
      auto found = airflow_.connect_if_any(session);
      if (!found) return session.end(found.error());
      server = std::move(*found);
    }
    if (job.status(*client, server ? &server->client : nullptr) && session.text()) print(session.out(), job, server);
    return session.end(job.report());
  }

  void print(report::Terminal& out, const ci::Job& job, const std::optional<AirflowServer>& server) const {
    for (const deploy::SetStatus& status : job.status()) {
      out.print("system ");
      out.print(status.drift.set.system, Style::bold);
      out.line("  namespace " + status.drift.set.namespace_name, Style::dim);
      print_deploy(out, status);
      for (const deploy::ServiceStatus& service : status.services) {
        out.print(fmt::format("  service {}  ", service.name));
        out.line(service.text, service.ready ? Style::good : Style::warning);
      }
    }
    for (const run::KnownRun& run : job.runs()) {
      out.print(fmt::format("  run {}  ", run.id));
      out.print(run.state, run.state == "succeeded" ? Style::good
                           : run.state == "failed"  ? Style::error
                                                    : Style::plain);
      out.line(fmt::format("  pipeline {}{}{}", run.pipeline, run.started.empty() ? "" : "  began ", run.started),
               Style::dim);
    }
    if (job.runs().empty() && engine_.engine == "airflow" && !server)
      out.line("  runs: no Airflow was asked; name one with --airflow URL", Style::dim);
  }

  static void print_deploy(report::Terminal& out, const deploy::SetStatus& status) {
    if (status.drift.unfinished)
      out.line("  a deploy began and did not end: run it again, and it goes on from there", Style::warning);
    if (!status.last) return out.line("  no deploy is on record", Style::dim);
    const deploy::Author& author = status.last->author;
    out.print(fmt::format("  deploy {}", status.last->number), Style::accent);
    out.print(fmt::format("  {}  {}@{}", status.last->time, author.who, author.host));
    if (!author.commit.empty()) out.print("  " + author.commit.substr(0, 10));
    out.line("  " + status.last->what, Style::dim);
    const bool moved = status.drift.has_changes() || !status.drift.obstacles.empty();
    if (!moved) {
      out.line("  as it was deployed", Style::good);
      if (status.drift.count(deploy::Action::keep) > 0) deploy::print(out, {status.drift});
      return;
    }
    out.line("  has changed since; deploying it again would:", Style::warning);
    deploy::print(out, {status.drift});
  }

  int of_local_airflow(Session& session) const {
    auto local = local_airflow(session);
    if (!local) return session.end(local.error());
    const auto found = local->find();
    if (!found) return session.end(found.error());
    if (session.text()) {
      print(session.out(), *found);
      return 0;
    }
    report::RunReport run = session.new_report();
    run.data["local_airflow"] = data(*found);
    return session.end(run);
  }

  static void print(report::Terminal& out, const std::optional<airflow::LocalAirflow>& airflow) {
    if (!airflow) return out.line("no Airflow runs here; start one with: liminal start -d");
    if (!airflow->running) {
      out.line(
          fmt::format("the Airflow that was started here has ended by itself; its output: {}", airflow->log.string()),
          Style::warning);
      return out.line("Start it again with: liminal start -d", Style::dim);
    }
    if (airflow->ready) {
      out.line(fmt::format("Airflow {} runs", airflow->version), Style::good);
    } else {
      out.line("an Airflow is starting, and its page does not answer yet", Style::warning);
    }
    print_local_airflow(out, *airflow);
  }

  static Json data(const std::optional<airflow::LocalAirflow>& airflow) {
    if (!airflow) return {{"state", "stopped"}};
    return {{"state", !airflow->running ? "ended"
                      : airflow->ready  ? "running"
                                        : "starting"},
            {"url", airflow->url},
            {"version", airflow->version},
            {"username", airflow->username},
            {"password_file", airflow->password_file.string()},
            {"dags", airflow->dags.string()},
            {"log", airflow->log.string()},
            {"by", to_string(airflow->source)}};
  }

  PathOptions paths_;
  ContextOptions context_;
  EngineOptions engine_;
  AirflowOptions airflow_;
};

}  // namespace

std::unique_ptr<Command> make_status() {
  return std::make_unique<StatusCommand>();
}

}  // namespace liminal::cli
