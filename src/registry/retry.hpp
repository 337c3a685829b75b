// When to try again, and how long to wait before: growing random pauses, or what the registry asks for.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <string>

#include "liminal/base/world.hpp"

namespace liminal::registry {

inline constexpr unsigned max_attempts = 6;

[[nodiscard]] bool is_passing_status(int status);

// The value of a Retry-After header: seconds, or a date (RFC 9110, 10.2.3).
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(const std::string& value, Clock::WallTime now);

// Half a second, doubled each time, at most half a minute, of which a random part is waited ("full jitter": clients
// that failed together do not come back together). A registry's own wish counts up to two minutes.
class Pauses {
 public:
  explicit Pauses(const World& world) : world_(world), random_(std::random_device{}()) {}

  // Waits before attempt number `attempt`, the first being 0. False: it was cancelled.
  bool wait(unsigned attempt, const std::optional<std::string>& retry_after);

 private:
  const World& world_;
  std::minstd_rand random_;
};

// Sends until there is an answer that is final, or `max_attempts` are used up: then the last outcome. `send` is called
// anew for each attempt.
Result<HttpResponse> send_with_retries(const World& world, const std::function<Result<HttpResponse>()>& send);

}  // namespace liminal::registry
