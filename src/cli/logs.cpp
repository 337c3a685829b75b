#include <limits>

#include "command.hpp"
#include "local_airflow.hpp"
#include "usage_error.hpp"

namespace liminal::cli {

namespace {

class LogsCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "logs"; }
  [[nodiscard]] std::string summary() const override { return "What the local Airflow prints"; }
  [[nodiscard]] std::vector<std::string> formats() const override { return {"text"}; }
  void declare(CLI::App& app) override {
    app.add_flag("-f,--follow", view_.follow, "Go on with what comes, until it ends or Ctrl-C");
    app.add_option("--tail", view_.tail, "Only so many lines, the last (default: 100)")
        ->type_name("N")
        ->check(between(0, std::numeric_limits<unsigned>::max()));
  }
  [[nodiscard]] int run(Session& session) override {
    auto local = local_airflow(session);
    if (!local) return session.end(local.error());
    const auto before = local->find();
    if (!before) return session.end(before.error());
    if (!*before || !(*before)->running) session.err().line("no Airflow runs here now", report::Style::dim);
    const auto shown = local->show_log(view_, [&](std::string_view line) { session.out().line(line); });
    if (shown) return 0;
    if (shown.error().kind == ErrorKind::interrupted) return 128 + session.machine().cancellation.signal();
    // Nothing was ever started: that was said.
    return shown.error().kind == ErrorKind::usage && !*before ? 0 : session.end(shown.error());
  }

 private:
  airflow::LogView view_;
};

}  // namespace

std::unique_ptr<Command> make_logs() {
  return std::make_unique<LogsCommand>();
}

}  // namespace liminal::cli
