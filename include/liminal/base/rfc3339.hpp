// Times as JSON has them (RFC 3339).
#pragma once

#include <optional>
#include <string>

#include "liminal/base/clock.hpp"

namespace liminal {

// To the millisecond, in UTC or with an offset; empty: it is no time.
[[nodiscard]] std::optional<Clock::WallTime> parse_rfc3339(const std::string& text);

}  // namespace liminal
