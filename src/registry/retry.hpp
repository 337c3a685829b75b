// When a registry is asked again.
#pragma once

#include <functional>

#include "liminal/base/world.hpp"

namespace liminal::registry {

inline constexpr unsigned max_attempts = 6;

[[nodiscard]] bool is_passing_status(int status);

// Sends until there is an answer that is final, or the attempts are used up: then the last outcome. `send` is called
// anew for each attempt.
Result<HttpResponse> send_with_retries(const World& world, const std::function<Result<HttpResponse>()>& send,
                                       unsigned attempts = max_attempts);

}  // namespace liminal::registry
