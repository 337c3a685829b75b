// Programs that outlive this one. Each leads a session of its own, by which it and all that it started are found again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace liminal {

struct BackgroundRequest {
  std::vector<std::string> arguments;  // the program first, as of ProcessRequest
  std::map<std::string, std::string> environment;
  std::string directory;         // working folder
  std::filesystem::path output;  // standard output and standard error are put at its end; made with mode 0600
};

// Which process it is: a process id is used again, but never for a process of the same start at the same boot.
struct ProcessIdentity {
  int id = 0;
  std::uint64_t started = 0;  // clock ticks since the machine's start
  std::string boot;           // the kernel's id of that start

  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

// A background program and everything that it started. What left its session or lost its parent is still known by the
// mark, which children inherit with the environment, and by its parents while they live.
struct ProcessFamily {
  ProcessIdentity leader;           // id 0: not known, as after a start that was cut off
  std::string mark;                 // NAME=VALUE of its environment that no other program has
  std::filesystem::path directory;  // its working folder
};

}  // namespace liminal
