// Threads that may be refused: a container's or a user's limit of processes counts them too.
#pragma once

#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace liminal {

// Empty: the system gives no more threads, and `work` was not begun.
template <class Work>
[[nodiscard]] std::optional<std::jthread> start_thread(Work&& work) {
  try {
    return std::jthread(std::forward<Work>(work));
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

}  // namespace liminal
