// The time, handed in so that tests can choose it.
#pragma once

#include <chrono>

namespace liminal {

class Clock {
 public:
  using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
  using Monotonic = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime now() const = 0;         // UTC
  [[nodiscard]] virtual Monotonic monotonic() const = 0;  // for durations
  virtual void sleep_for(std::chrono::milliseconds duration) = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override;
  [[nodiscard]] Monotonic monotonic() const override;
  void sleep_for(std::chrono::milliseconds duration) override;
};

}  // namespace liminal
