// What a command has at hand while it runs: the world, both terminals, the global options, and how a job ends.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "liminal/ci/job.hpp"
#include "liminal/cli/application.hpp"
#include "liminal/report/terminal.hpp"
#include "liminal/report/writer.hpp"

namespace liminal::cli {

struct GlobalOptions {
  std::string format = "text";
  std::vector<std::string> reports;  // KIND=FILE
  std::string color = "auto";
  std::string fail_on = "error";
  std::string config;  // a file
  // The folder that reports stay in, where a configuration that was found in it names them.
  std::optional<std::filesystem::path> report_fence;
  std::vector<std::string> set;  // KEY=VALUE
  unsigned jobs = 0;             // 0: one for each processor
  bool quiet = false;
  bool verbose = false;
};

// What is known of the command that runs.
struct CommandOutput {
  std::string name;
  bool formats_are_reports = true;  // --format names kinds of reports, and not forms of the command's own data
};

class Session {
 public:
  Session(const World& world, const Machine& machine, const std::vector<std::string>& arguments,
          const GlobalOptions& options, const CommandOutput& command, report::Terminal& out, report::Terminal& err);

  [[nodiscard]] const World& world() const { return world_; }
  [[nodiscard]] const Machine& machine() const { return machine_; }
  [[nodiscard]] const GlobalOptions& options() const { return options_; }
  [[nodiscard]] const std::vector<std::string>& arguments() const { return arguments_; }  // as typed
  [[nodiscard]] report::Terminal& out() const { return out_; }                            // data
  [[nodiscard]] report::Terminal& err() const { return err_; }  // text for people, where standard output carries data
  [[nodiscard]] Severity fail_on() const;
  [[nodiscard]] bool text() const { return options_.format == "text"; }

  // Whether an option, such as --kubeconfig, stands on the command line, and not in a variable or a file.
  [[nodiscard]] bool typed(std::string_view option) const;
  // A path of the command line, made absolute.
  [[nodiscard]] std::filesystem::path absolute(const std::string& path) const;
  // A request with what every command shares filled in. Errors: malformed --set.
  [[nodiscard]] Result<ci::Request> request(const std::vector<std::string>& paths) const;

  // Errors (usage): two reports go to one place.
  [[nodiscard]] Status check_reports() const;

  // A report of this command, for it to fill in: named, and as long as the command has taken.
  [[nodiscard]] report::RunReport new_report() const;
  // Ends a run: findings, errors and summary for people, the JSON form where it is asked for, every --report file; and
  // the exit status.
  int end(const report::RunReport& run) const;
  // Ends a command whose output was printed already: its findings alone, and every --report file; the exit status.
  int end_quietly(report::RunReport run) const;
  // Says what went wrong, and writes every --report file; the exit status.
  int end(const Error& error) const;
  // After the command, with its exit status: writes every --report file where none of the above did, so that no command
  // can leave them out; the exit status.
  [[nodiscard]] int finish(int status) const;

 private:
  [[nodiscard]] Status write_report(const report::RunReport& run, const std::string& text) const;
  // 0, or the exit status of the first that was not written.
  [[nodiscard]] int write_reports(const report::RunReport& run) const;
  // A run that went through no stage, as one stage of the command's name: no reader calls it empty.
  [[nodiscard]] static report::RunReport with_stage(report::RunReport run, int status);
  [[nodiscard]] report::Context context(const report::RunReport& run) const;

  const World& world_;
  const Machine& machine_;
  const std::vector<std::string>& arguments_;
  const GlobalOptions& options_;
  const CommandOutput& command_;
  report::Terminal& out_;
  report::Terminal& err_;
  Clock::WallTime started_;
  Clock::Monotonic began_;
  mutable bool reported_ = false;  // the --report files are written, or were refused
};

// KEY=VALUE split at the first =. Errors (usage): there is none; `option` names the option.
[[nodiscard]] Result<std::pair<std::string, std::string>> key_and_value(const std::string& text,
                                                                        std::string_view option);

}  // namespace liminal::cli
