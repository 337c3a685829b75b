#include <fmt/format.h>

#include "command.hpp"
#include "local_airflow.hpp"

namespace liminal::cli {

namespace {

class StopCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "stop"; }
  [[nodiscard]] std::string summary() const override { return "End the local Airflow and everything it started"; }
  [[nodiscard]] std::vector<std::string> formats() const override { return {"text"}; }
  void declare(CLI::App&) override {}
  [[nodiscard]] int run(Session& session) override {
    auto local = local_airflow(session);
    if (!local) return session.end(local.error());
    const auto ended = local->stop();
    if (!ended) return session.end(ended.error());
    session.out().line(*ended == 0 ? "no Airflow was running here" : "Airflow has stopped");
    return 0;
  }
};

}  // namespace

std::unique_ptr<Command> make_stop() {
  return std::make_unique<StopCommand>();
}

}  // namespace liminal::cli
