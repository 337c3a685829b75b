// Moments far away as dates: fmt goes by std::chrono::system_clock, whose nanoseconds begin anew in the year 2262.
#pragma once

#include <chrono>
#include <ctime>

#include <fmt/chrono.h>

namespace liminal {

// In UTC, to be written by fmt's `{:%F %T}` and the like.
[[nodiscard]] inline std::tm utc(std::chrono::sys_seconds time) {
  return fmt::gmtime(static_cast<std::time_t>(time.time_since_epoch().count()));
}

}  // namespace liminal
