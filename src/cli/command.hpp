// One command of the program: its options and what it does with them. Each is a file of its name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "session.hpp"

namespace liminal::cli {

class Command {
 public:
  Command() = default;
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual std::string summary() const = 0;  // one line
  virtual void declare(CLI::App& app) = 0;                // its options
  // The values of --format.
  [[nodiscard]] virtual std::vector<std::string> formats() const {
    return {"text", "json", "sarif", "junit", "markdown", "github", "gitlab"};
  }
  [[nodiscard]] virtual int run(Session& session) = 0;  // the exit status
};

[[nodiscard]] std::unique_ptr<Command> make_init();
[[nodiscard]] std::unique_ptr<Command> make_validate();
[[nodiscard]] std::unique_ptr<Command> make_resolve();
[[nodiscard]] std::unique_ptr<Command> make_plan();
[[nodiscard]] std::unique_ptr<Command> make_build();
[[nodiscard]] std::unique_ptr<Command> make_push();
[[nodiscard]] std::unique_ptr<Command> make_run();
[[nodiscard]] std::unique_ptr<Command> make_create();
[[nodiscard]] std::unique_ptr<Command> make_deploy();
[[nodiscard]] std::unique_ptr<Command> make_delete();
[[nodiscard]] std::unique_ptr<Command> make_history();
[[nodiscard]] std::unique_ptr<Command> make_rollback();
[[nodiscard]] std::unique_ptr<Command> make_start();
[[nodiscard]] std::unique_ptr<Command> make_stop();
[[nodiscard]] std::unique_ptr<Command> make_status();
[[nodiscard]] std::unique_ptr<Command> make_logs();
[[nodiscard]] std::unique_ptr<Command> make_ci();
[[nodiscard]] std::unique_ptr<Command> make_schema();
[[nodiscard]] std::unique_ptr<Command> make_explain();
[[nodiscard]] std::unique_ptr<Command> make_version();

// Files and folders to look in.
struct PathOptions {
  std::vector<std::string> paths;
  std::vector<std::string> alias;  // --path, as Apache Liminal's users type it
  std::vector<std::string> exclude;
  bool no_check_files = false;

  void declare(CLI::App& app);
  [[nodiscard]] Result<ci::Request> request(const Session& session) const;
};

// How images are named and made: taken alike by every command that names one.
struct ImageOptions {
  std::string builder = "auto";
  std::string output;
  std::string registry;
  std::vector<std::string> bases;
  std::vector<std::string> insecure_registries;
  std::vector<std::string> token_servers;
  std::string docker_network;
  bool no_cache = false;

  void declare(CLI::App& app);
  [[nodiscard]] Status apply(const Session& session, ci::Request& request) const;
};

// What runs the pipelines, and where.
struct EngineOptions {
  std::string engine = "airflow";
  std::string namespace_name = "default";

  void declare(CLI::App& app);
  void apply(ci::Request& request) const;
};

// What the objects are rendered for.
struct TargetOptions : EngineOptions {
  std::string image_pull_secret;
  std::string argo_version;

  void declare(CLI::App& app);
  void apply(ci::Request& request) const;
};

// What deploy --render did, for people.
void print_written(report::Terminal& out, const ci::Job& job);

}  // namespace liminal::cli
