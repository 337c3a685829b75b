#include <fmt/format.h>

#include "command.hpp"
#include "local_airflow.hpp"

namespace liminal::cli {

namespace {

using report::Style;

class StatusCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "status"; }
  [[nodiscard]] std::string summary() const override {
    return "Whether the local Airflow runs, where, and how to sign in";
  }
  void declare(CLI::App&) override {}
  [[nodiscard]] int run(Session& session) override {
    auto local = local_airflow(session);
    if (!local) return session.end(local.error());
    const auto found = local->find();
    if (!found) return session.end(found.error());
    if (session.text()) {
      print(session.out(), *found);
      return 0;
    }
    report::RunReport run;
    run.command = name();
    run.started = session.world().clock.now();
    run.data["local_airflow"] = data(*found);
    return session.end(run);
  }

 private:
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
};

}  // namespace

std::unique_ptr<Command> make_status() {
  return std::make_unique<StatusCommand>();
}

}  // namespace liminal::cli
