// A moment as end_date has it: a day, or a day and a time (ISO 8601's extended format, RFC 3339 with a blank for `T`).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace liminal::model {

// YYYY-MM-DD, alone (midnight) or with `T` or one blank and HH:MM[:SS[.f]][Z|+HH[:MM]]; in UTC where no zone is given.
// Parts of seconds are dropped. Empty: it is none of these.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_moment(std::string_view text);

}  // namespace liminal::model
