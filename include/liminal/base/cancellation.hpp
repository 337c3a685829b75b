// Stopping work from outside: a signal handler or a deadline sets the flag, long work looks at it between steps.
#pragma once

#include <atomic>

namespace liminal {

class Cancellation {
 public:
  // Async-signal-safe. The first `signal` is remembered so that the exit status can tell SIGINT from SIGTERM; a request
  // after it asks to stop at once what was asked to end.
  void request(int signal) noexcept {
    int none = 0;
    if (!signal_.compare_exchange_strong(none, signal, std::memory_order_relaxed))
      insisted_.store(true, std::memory_order_relaxed);
  }
  [[nodiscard]] bool requested() const noexcept { return signal() != 0; }
  [[nodiscard]] bool insisted() const noexcept { return insisted_.load(std::memory_order_relaxed); }
  [[nodiscard]] int signal() const noexcept { return signal_.load(std::memory_order_relaxed); }

  // While one is there, a second signal does not end the program: whoever holds it stops at once and tidies up.
  class Hold {
   public:
    explicit Hold(const Cancellation& cancellation) : holds_(cancellation.holds_) { ++holds_; }
    ~Hold() { --holds_; }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    std::atomic<int>& holds_;
  };
  [[nodiscard]] bool held() const noexcept { return holds_.load(std::memory_order_relaxed) > 0; }

 private:
  std::atomic<int> signal_{0};
  std::atomic<bool> insisted_{false};
  mutable std::atomic<int> holds_{0};
};

}  // namespace liminal
