// Other programs, run by argument vector: never through a shell, so no input becomes a command.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/background_process.hpp"
#include "liminal/base/cancellation.hpp"
#include "liminal/base/result.hpp"

namespace liminal {

// A mount that only the program and its children see, and that ends with them.
struct PrivateMount {
  std::string source;
  std::string target;  // absolute
  std::string type;    // overlay, tmpfs
  std::string options;
};

// Linux namespaces of the program's own (user_namespaces(7), mount_namespaces(7)).
struct Isolation {
  bool user_namespace = false;  // in which this user, and no other, is root
  std::vector<PrivateMount> mounts;
};

struct ProcessRequest {
  std::vector<std::string> arguments;  // the program first: an absolute path, or a name looked up in PATH (empty
                                       // entries of PATH are skipped)
  std::map<std::string, std::string> environment;  // the whole environment of the child
  std::string directory;                           // working folder; empty: this process's
  std::optional<Isolation> isolation;
  std::string input;                                      // standard input
  std::function<void(std::string_view)> on_output;        // each line of standard output, without its line end
  std::function<void(std::string_view)> on_error_output;  // the same of standard error
  std::optional<std::chrono::milliseconds> timeout;  // then SIGTERM to its process group, and SIGKILL after `grace`
  std::chrono::milliseconds grace{5000};
  const Cancellation* cancellation = nullptr;  // the same; a second request is SIGKILL at once
};

struct ProcessOutcome {
  int exit_status = 0;  // as a shell tells it: 128 + N when signal N ended it
  bool timed_out = false;
  bool cancelled = false;
};

class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;
  // Errors (unavailable): the program was not found or could not be started, or the kernel refused its isolation. A
  // non-zero exit status is an outcome, not an error.
  virtual Result<ProcessOutcome> run(const ProcessRequest& request) = 0;
  // The absolute path of a program in PATH, if it is there.
  [[nodiscard]] virtual std::optional<std::string> find(const std::string& program) const = 0;
  // Of all programs of that name in PATH, in its order: the first is what `find` finds.
  [[nodiscard]] virtual std::vector<std::string> find_all(const std::string& program) const;

  // A program that goes on when this one has ended. Errors (unavailable): as of `run`, and a runner that cannot.
  virtual Result<ProcessIdentity> start(const BackgroundRequest& request);
  [[nodiscard]] virtual ProcessIdentity this_process() const;
  [[nodiscard]] virtual bool is_running(const ProcessIdentity& process) const;
  // Ends the whole family, by SIGTERM and after `grace` by SIGKILL, and returns how many processes it had; none is no
  // error. Nobody else is signalled. Error (failed): some did not end.
  virtual Result<std::size_t> stop(const ProcessFamily& family, std::chrono::milliseconds grace);
};

class NativeProcessRunner final : public ProcessRunner {
 public:
  explicit NativeProcessRunner(std::string path) : path_(std::move(path)) {}
  Result<ProcessOutcome> run(const ProcessRequest& request) override;
  [[nodiscard]] std::optional<std::string> find(const std::string& program) const override;
  [[nodiscard]] std::vector<std::string> find_all(const std::string& program) const override;
  Result<ProcessIdentity> start(const BackgroundRequest& request) override;
  [[nodiscard]] ProcessIdentity this_process() const override;
  [[nodiscard]] bool is_running(const ProcessIdentity& process) const override;
  Result<std::size_t> stop(const ProcessFamily& family, std::chrono::milliseconds grace) override;

 private:
  std::string path_;  // the value of PATH
};

}  // namespace liminal
