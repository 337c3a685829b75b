// A moment as end_date has it: a day, or a day and a time (ISO 8601's extended format, RFC 3339 with a blank for `T`).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace liminal::model {

// YYYY-MM-DD, alone (midnight) or with `T` or one blank and HH:MM[:SS[.f]][Z|+HH[:MM]]; in UTC where no zone is given.
// Parts of seconds are dropped. Empty: it is none of these.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_moment(std::string_view text);

// A time and maybe a zone as YAML 1.1 and ISO 8601 write them behind a day: 4:30, 04:30:00.5, 04:30Z, 04:30 +1.
[[nodiscard]] bool is_time_of_day(std::string_view text);

}  // namespace liminal::model
