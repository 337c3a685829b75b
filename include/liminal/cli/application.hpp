// The command line: arguments in, exit status out (docs/exit-status.md).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "liminal/base/cancellation.hpp"
#include "liminal/base/clock.hpp"
#include "liminal/base/environment.hpp"
#include "liminal/base/file_system.hpp"
#include "liminal/base/http.hpp"
#include "liminal/base/process.hpp"

namespace liminal::cli {

// The machine the program runs on. Made by main; outlives `run`.
struct Machine {
  FileSystem& files;
  ProcessRunner& processes;
  HttpClient& http;
  Clock& clock;
  const Environment& environment;
  const Cancellation& cancellation;
  std::filesystem::path working_folder;  // absolute
  unsigned processors = 1;
  bool output_is_terminal = false;
  bool error_is_terminal = false;
  std::size_t columns = 100;
};

inline constexpr const char* version = LIMINAL_VERSION;

// `arguments` without the program's own name.
[[nodiscard]] int run(const std::vector<std::string>& arguments, const Machine& machine);

}  // namespace liminal::cli
