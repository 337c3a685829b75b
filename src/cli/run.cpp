#include <chrono>
#include <sstream>

#include <fmt/format.h>

#include "liminal/base/shell_word.hpp"

#include "airflow_options.hpp"
#include "cluster_options.hpp"
#include "command.hpp"
#include "usage_error.hpp"

namespace liminal::cli {

namespace {

using report::Style;

// 2026-01-31, 2026-01-31T06:00 or 2026-01-31T06:00:00, of UTC.
Result<std::chrono::sys_seconds> parse_date(const std::string& text) {
  for (const char* form : {"%FT%T", "%FT%R", "%F"}) {
    std::tm time{};
    const char* end = ::strptime(text.c_str(), form, &time);
    if (end == nullptr || (*end != '\0' && std::string_view(end) != "Z")) continue;
    const std::chrono::year_month_day day{std::chrono::year{time.tm_year + 1900},
                                          std::chrono::month{static_cast<unsigned>(time.tm_mon + 1)},
                                          std::chrono::day{static_cast<unsigned>(time.tm_mday)}};
    if (!day.ok()) continue;
    return std::chrono::sys_days{day} + std::chrono::hours{time.tm_hour} + std::chrono::minutes{time.tm_min} +
           std::chrono::seconds{time.tm_sec};
  }
  return fail(ErrorKind::usage, fmt::format("--date {} is no date", text),
              "write it as 2026-01-31 or 2026-01-31T06:00");
}

// Without the value, which may be a password.
std::string without_value(std::string_view pair) {
  return std::string(pair.substr(0, pair.find('='))) + "=...";
}

// What was typed, without --resume, and without --param: a value may be a password, and the run's record has it. It has
// none of --set: these are left to be typed again.
std::string to_resume(const std::vector<std::string>& arguments) {
  std::string command = "liminal";
  std::string_view option;  // whose value this argument is
  for (const std::string& argument : arguments) {
    const std::string_view before = std::exchange(option, "");
    if (before == "--set") {
      command += " " + shell_word(without_value(argument));
    } else if (before.empty() && argument.starts_with("--set=")) {
      command += " " + shell_word("--set=" + without_value(argument.substr(6)));
    } else if (before.empty()) {
      if (argument == "--resume" || argument == "--param" || argument == "--set") option = argument;
      const bool left_out = argument.starts_with("--resume") || argument.starts_with("--param");
      if (!left_out) command += " " + shell_word(argument);
    }
  }
  return command;
}

Style style_of(run::TaskState state) {
  switch (state) {
    case run::TaskState::succeeded:
    case run::TaskState::kept:
      return Style::good;
    case run::TaskState::failed:
    case run::TaskState::timed_out:
      return Style::error;
    case run::TaskState::interrupted:
      return Style::warning;
    case run::TaskState::not_run:
    case run::TaskState::skipped:
      break;
  }
  return Style::dim;
}

class RunCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "run"; }
  [[nodiscard]] std::string summary() const override {
    return "Run one pipeline now: by the engine that it is deployed to, or here in containers (--local)";
  }
  void declare(CLI::App& app) override {
    app.add_option("PIPELINE", pipeline_, "Its name, or SYSTEM/NAME where several files have one of that name")
        ->required();
    paths_.declare(app);
    app.add_flag("--local", local_, "Here, in containers, from images that are built first where they are missing");
    app.add_option("--runtime", runtime_, "With --local, what runs the containers: auto, docker, crun or runc")
        ->check(one_of({"auto", "docker", "crun", "runc"}))
        ->envname("LIMINAL_RUNTIME");
    app.add_option("--date", date_, "The run's logical date, UTC (default: now)")->type_name("DATE");
    app.add_option("--param", params_, "A value of the run's conf, as Airflow's `trigger --conf`; repeatable")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    app.add_option("--resume", resume_, "Go on from a run that failed: its id, or latest")->type_name("RUN");
    app.add_option("--task", tasks_, "Only these tasks; repeatable")->type_name("TASK")->allow_extra_args(false);
    engine_.declare(app);
    context_.declare(app);
    airflow_.declare(app);
    app.add_flag("--unpause", unpause_, "Switch the DAG on in Airflow, and its schedule with it, where it is off");
    images_.declare(app);
  }

  [[nodiscard]] int run(Session& session) override {
    if (auto sound = check_options(session); !sound) return session.end(sound.error());
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    if (auto applied = images_.apply(session, *request); !applied) return session.end(applied.error());
    // crun and runc run what is in an image layout.
    if (request->images.builder == build::Builder::automatic && (runtime_ == "crun" || runtime_ == "runc"))
      request->images.builder = build::Builder::oci;
    engine_.apply(*request);
    const auto run = run_request(session);
    if (!run) return session.end(run.error());
    ci::Job job(session.world(), std::move(*request), name());
    if (job.validate()) {
      run_by_whom(session, job, *run);
    } else {
      job.skip("run", "the files have errors");
    }
    if (session.text() && job.run_result()) print(session, *job.run_result());
    return session.end(job.report());
  }

 private:
  [[nodiscard]] Status check_options(const Session& session) const {
    if (local_ && (context_.given() || !airflow_.url.empty())) {
      return fail(ErrorKind::usage, "--local runs the pipeline here: no cluster and no Airflow is asked",
                  "leave out --local, or --context and --airflow");
    }
    if (unpause_ && (local_ || engine_.engine == "argo")) {
      return fail(ErrorKind::usage, "--unpause switches a DAG of Airflow's on, and no Airflow is asked here",
                  "leave it out");
    }
    if (!local_ && engine_.engine == "argo" && !airflow_.url.empty())
      return fail(ErrorKind::usage, "--engine argo asks no Airflow", "leave out --airflow, or --engine argo");
    if (!local_ && engine_.engine != "argo" && airflow_.url.empty() && session.typed("--context")) {
      return fail(ErrorKind::usage,
                  "--context names a cluster, and a run by Airflow asks an Airflow at its own address",
                  "give --airflow URL as well, or --engine argo for the Argo Workflows of that cluster");
    }
    // Argo takes the current context where it may; the others ask no cluster.
    const bool asks_cluster = !local_ && engine_.engine == "argo";
    return asks_cluster ? Status{} : context_.check_without(session);
  }

  void run_by_whom(const Session& session, ci::Job& job, const run::Request& request) const {
    if (local_) {
      job.run(pipeline_, {request, runtime(), session.machine().working_folder / ".liminal"});
    } else if (engine_.engine == "argo") {
      auto client = context_.connect(session);
      if (!client) return job.fail("run", std::move(client.error()));
      job.run_by_argo(pipeline_, *client, request);
    } else {
      auto server = airflow_.connect(session);
      if (!server) return job.fail("run", std::move(server.error()));
      job.run_by_airflow(pipeline_, server->client, server->dags, {request, unpause_, {}, server->url});
    }
  }

  [[nodiscard]] run::RuntimeChoice runtime() const {
    return runtime_ == "docker" ? run::RuntimeChoice::docker
           : runtime_ == "crun" ? run::RuntimeChoice::crun
           : runtime_ == "runc" ? run::RuntimeChoice::runc
                                : run::RuntimeChoice::automatic;
  }

  Result<run::Request> run_request(const Session& session) const {
    run::Request request;
    if (!date_.empty()) {
      auto date = parse_date(date_);
      if (!date) return tl::unexpected(std::move(date.error()));
      request.logical_date = *date;
    }
    for (const std::string& text : params_) {
      auto pair = key_and_value(text, "--param");
      if (!pair) return tl::unexpected(std::move(pair.error()));
      request.params.insert_or_assign(std::move(pair->first), std::move(pair->second));
    }
    if (!resume_.empty()) request.resume = resume_;
    request.only_tasks = tasks_;
    request.repeat_command = to_resume(session.arguments());
    return request;
  }

  static void print(const Session& session, const run::RunResult& result) {
    report::Terminal& out = session.out();
    out.line(fmt::format("run {}  {}", result.run_id, result.runtime), Style::bold);
    for (const run::TaskResult& task : result.tasks) {
      out.print(fmt::format("  {:<24} ", task.task));
      out.print(fmt::format("{:<10}", run::to_string(task.state)), style_of(task.state));
      out.line(fmt::format(" {:>8.1f} s{}{}", std::chrono::duration<double>(task.took).count(),
                           task.detail.empty() ? "" : "  ", task.detail),
               Style::dim);
    }
    if (!result.folder.empty()) out.line(fmt::format("  logs {}", result.folder.string()), Style::dim);
    if (!result.page.empty()) out.line(fmt::format("  page {}", result.page), Style::dim);
  }

  std::string pipeline_;
  bool local_ = false;
  std::string runtime_ = "auto";
  std::string date_;
  std::vector<std::string> params_;
  std::string resume_;
  std::vector<std::string> tasks_;
  bool unpause_ = false;
  PathOptions paths_;
  EngineOptions engine_;
  ContextOptions context_;
  AirflowOptions airflow_;
  ImageOptions images_;
};

}  // namespace

std::unique_ptr<Command> make_run() {
  return std::make_unique<RunCommand>();
}

}  // namespace liminal::cli
