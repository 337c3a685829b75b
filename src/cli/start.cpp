#include <fmt/format.h>

#include "command.hpp"
#include "local_airflow.hpp"
#include "usage_error.hpp"

namespace liminal::cli {

namespace {

using report::Style;

class StartCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "start"; }
  [[nodiscard]] std::string summary() const override {
    return "Start an Airflow on this machine that runs the DAG files of $LIMINAL_HOME/dags";
  }
  [[nodiscard]] std::vector<std::string> formats() const override { return {"text"}; }
  void declare(CLI::App& app) override {
    app.add_flag("-d,--detach", detach_, "Leave it in the background once its page answers");
    app.add_option("--port", port_, "Port of its page, on loopback (default: a free one)")->check(between(1, 65535));
    app.add_option(
           "--airflow-by", source_,
           "What runs it: docker (an image that the Docker Engine has), installed (the airflow on PATH), venv (a "
           "virtual environment, made when it is not there), or auto: the first that is there")
        ->check(one_of({"auto", "docker", "installed", "venv"}))
        ->envname("LIMINAL_AIRFLOW_BY");
    app.add_option("--airflow-version", major_, "2 or 3 (default: what is there; 3 for a new venv)")
        ->check(one_of({"2", "3"}))
        ->envname("LIMINAL_AIRFLOW_VERSION");
    app.add_option("--airflow-image", image_, "Image for docker (default: apache/airflow)")
        ->type_name("IMAGE")
        ->envname("LIMINAL_AIRFLOW_IMAGE");
  }

  [[nodiscard]] int run(Session& session) override {
    auto local = local_airflow(session);
    if (!local) return session.end(local.error());
    const airflow::OnLine show = [&](std::string_view line) { session.out().line(line); };
    const airflow::OnLine hide = [](std::string_view) {};
    const auto started = local->start(options(), detach_ && !session.options().verbose ? hide : show);
    if (!started) return end(session, started.error());
    const airflow::LocalAirflow& airflow = started->airflow;
    session.out().line(
        fmt::format("Airflow {} runs{} at {}", airflow.version, started->already ? " already" : "", airflow.url),
        Style::bold);
    print_local_airflow(session.out(), airflow);
    if (detach_ || started->already) {
      session.out().line("Look at its output with: liminal logs -f; end it with: liminal stop", Style::dim);
      return 0;
    }
    session.out().line("Ctrl-C ends it.", Style::dim);
    return follow(session, *local, started->log_told, show);
  }

 private:
  [[nodiscard]] airflow::LocalOptions options() const {
    airflow::LocalOptions options;
    options.source = source_ == "docker"      ? airflow::LocalSource::docker
                     : source_ == "installed" ? airflow::LocalSource::installed
                     : source_ == "venv"      ? airflow::LocalSource::environment
                                              : airflow::LocalSource::automatic;
    if (!major_.empty()) options.major = major_ == "2" ? 2U : 3U;
    if (port_ != 0) options.port = static_cast<std::uint16_t>(port_);
    options.image = image_;
    return options;
  }

  // Until the user stops it, somebody else does, or it ends by itself.
  static int follow(Session& session, airflow::Local& local, std::uint64_t told, const airflow::OnLine& show) {
    airflow::LogView view;
    view.follow = true;
    view.from = told;
    const auto followed = local.show_log(view, show);
    const auto there = local.find();
    const auto ended = local.stop();
    if (!ended) return session.end(ended.error());
    if (!followed) {
      session.out().line("Airflow was stopped");
      return end(session, followed.error());
    }
    if (there && !*there) {
      session.out().line("Airflow was stopped by another command");
      return 0;
    }
    return session.end(
        Error{ErrorKind::failed, "Airflow ended by itself", "look at its output: liminal logs", {}, {}, false});
  }

  static int end(const Session& session, const Error& error) {
    // Ctrl-C is the way to end it: nothing went wrong.
    if (error.kind == ErrorKind::interrupted && session.machine().cancellation.requested())
      return 128 + session.machine().cancellation.signal();
    return session.end(error);
  }

  bool detach_ = false;
  unsigned port_ = 0;
  std::string source_ = "auto";
  std::string major_;
  std::string image_;
};

}  // namespace

std::unique_ptr<Command> make_start() {
  return std::make_unique<StartCommand>();
}

}  // namespace liminal::cli
