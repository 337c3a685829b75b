// The real program, called by a shell in a folder of its own.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

#include "liminal/base/process.hpp"

#include "support/temporary_folder.hpp"

namespace liminal::testing {

struct Ended {
  int status = -1;
  std::string output;
  std::string errors;
};

class Program {
 public:
  Program() { folder_.write("repository/liminal.yml", "name: shop\n"); }

  [[nodiscard]] std::filesystem::path folder() const { return folder_.path() / "repository"; }
  [[nodiscard]] std::filesystem::path outside() const { return folder_.path(); }
  void write(const std::filesystem::path& name, std::string_view content) const {
    folder_.write("repository" / name, content);
  }

  // `script` calls it as "$liminal".
  [[nodiscard]] Ended shell(const std::string& script, const std::map<std::string, std::string>& variables = {}) const {
    ProcessRequest request;
    request.arguments = {"/bin/bash", "-c", script};
    request.directory = folder().string();
    request.environment = {
        {"PATH", "/usr/bin:/bin"}, {"HOME", (folder_.path() / "home").string()}, {"liminal", LIMINAL_PROGRAM}};
    for (const auto& [name, value] : variables) request.environment[name] = value;
    request.timeout = std::chrono::seconds(30);  // one that waits for ever is a failure
    Ended ended;
    request.on_output = [&](std::string_view line) { ended.output.append(line).append("\n"); };
    request.on_error_output = [&](std::string_view line) { ended.errors.append(line).append("\n"); };
    const auto outcome = NativeProcessRunner("/usr/bin:/bin").run(request);
    if (outcome) ended.status = outcome->exit_status;
    return ended;
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace liminal::testing
