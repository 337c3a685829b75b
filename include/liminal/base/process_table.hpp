// The kernel's list of processes (proc(5)).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/background_process.hpp"

namespace liminal {

struct ListedProcess {
  int id = 0;
  int parent = 0;
  int session = 0;
  std::uint64_t started = 0;  // clock ticks since the machine's start
};

// Those that run: one that has ended and waits for its parent to notice does not count.
[[nodiscard]] std::vector<ListedProcess> running_processes();
[[nodiscard]] std::optional<ListedProcess> running_process(int id);

// Whether the environment a process was started with holds this NAME=VALUE. False when it may not be read, or when the
// program wrote over it, as those do that give themselves another name.
[[nodiscard]] bool has_in_environment(int id, std::string_view mark);

// Whether it is one of the words a process was started with.
[[nodiscard]] bool has_argument(int id, std::string_view argument);

// Empty when it may not be read.
[[nodiscard]] std::filesystem::path working_folder_of(int id);

// The kernel's id of this machine's last start.
[[nodiscard]] std::string boot_id();

}  // namespace liminal
