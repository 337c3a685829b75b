// Waiting before a request is tried again: growing random pauses, or what the server asks for.
#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <string>

#include "liminal/base/world.hpp"

namespace liminal {

// The value of a Retry-After header: seconds, or a date (RFC 9110, 10.2.3).
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(const std::string& value, Clock::WallTime now);
// What an answer's header asks for; empty: nothing.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(const HttpHeaders& headers, Clock::WallTime now);

// Half a second, doubled each time, at most half a minute, of which a random part is waited ("full jitter": clients
// that failed together do not come back together). A server's own wish counts up to two minutes.
class Pauses {
 public:
  explicit Pauses(const World& world) : world_(world), random_(std::random_device{}()) {}

  // Waits before attempt number `attempt`, the first being 0. False: it was cancelled.
  bool wait(unsigned attempt, std::optional<std::chrono::milliseconds> wish);

 private:
  const World& world_;
  std::minstd_rand random_;
};

}  // namespace liminal
