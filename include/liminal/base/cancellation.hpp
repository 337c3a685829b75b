// Stopping work from outside: a signal handler or a deadline sets the flag, long work looks at it between steps.
#pragma once

#include <atomic>

namespace liminal {

class Cancellation {
 public:
  // Async-signal-safe. `signal` is remembered so that the exit status can tell SIGINT from SIGTERM.
  void request(int signal) noexcept { signal_.store(signal, std::memory_order_relaxed); }
  [[nodiscard]] bool requested() const noexcept { return signal() != 0; }
  [[nodiscard]] int signal() const noexcept { return signal_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int> signal_{0};
};

}  // namespace liminal
