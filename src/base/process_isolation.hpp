// Starts a program in namespaces of its own. posix_spawn cannot; this forks, and does nothing in the child but system
// calls until the program runs.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "liminal/base/process.hpp"

namespace liminal {

struct IsolatedProgram {
  std::string path;
  std::vector<char*> arguments;    // ends in a null pointer
  std::vector<char*> environment;  // the same
  std::string directory;           // empty: this process's
  int input;                       // -1: /dev/null
  int output;
  int error_output;
};

// Its process id; it leads a process group of its own. Error (unavailable): what the kernel refused.
[[nodiscard]] Result<pid_t> spawn_isolated(const IsolatedProgram& program, const Isolation& isolation);

}  // namespace liminal
