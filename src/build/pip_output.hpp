// What pip says, made fit to be shown, and why it failed.
#pragma once

#include <deque>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/result.hpp"
#include "liminal/pip/requirements_file.hpp"

#include "base_index.hpp"

namespace liminal::build {

class PipOutput {
 public:
  // `file`: the requirements file that pip was given, one line of it for each of `lines`. `source`: the folder that
  // paths are shown relative to.
  PipOutput(std::filesystem::path file, const std::vector<pip::RequirementLine>& lines,
            const std::filesystem::path& source)
      : file_(std::move(file)), lines_(&lines), source_(source.string() + "/") {}

  // Values of variables that the requirements have in their addresses: they are shown as ****.
  void hide(std::set<std::string> secrets) { secrets_ = std::move(secrets); }
  // The line as a user may see it: credentials out, places as they are in the source; empty when it says nothing.
  [[nodiscard]] std::string shown(std::string_view line) const;
  // Keeps the last lines for `failure`.
  void add(std::string_view line);
  // The line added last is about the inside of pip alone.
  [[nodiscard]] bool in_traceback() const { return in_traceback_; }
  // Whether it says that this Python's pip cannot do it at all.
  [[nodiscard]] static bool is_unfit(int exit_status);
  // Why pip failed. `log` is pip's own log with all its detail.
  [[nodiscard]] Error failure(int exit_status, std::string_view log, const PythonEnvironment& python) const;

 private:
  [[nodiscard]] Error no_distribution(const std::string& wanted, std::string_view log,
                                      const PythonEnvironment& python) const;
  [[nodiscard]] Error damaged_wheel(std::string_view rest) const;
  [[nodiscard]] std::string usable_versions(const std::string& name) const;
  [[nodiscard]] std::string place_of(std::string_view name) const;
  [[nodiscard]] std::string rest_of_line_with(std::string_view text) const;

  std::filesystem::path file_;
  const std::vector<pip::RequirementLine>* lines_;
  std::string source_;
  std::set<std::string> secrets_;
  std::deque<std::string> last_;
  std::string collecting_;  // the distribution that was looked at last
  bool broke_down_ = false;
  bool in_traceback_ = false;
};

}  // namespace liminal::build
