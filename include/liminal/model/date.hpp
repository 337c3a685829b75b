// A day of the proleptic Gregorian calendar (ISO 8601), as start_date and end_date begin.
#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string_view>

namespace liminal::model {

struct Date {
  int year = 1970;  // 1 and later, as Python has them
  unsigned month = 1;
  unsigned day = 1;
  auto operator<=>(const Date&) const = default;
};

// YYYY-MM-DD, alone or with something behind a `T` or a blank, which is not looked at. Empty: no day of the calendar.
[[nodiscard]] std::optional<Date> parse_date(std::string_view text);

// Its midnight in UTC.
[[nodiscard]] std::chrono::sys_days start_of(const Date& date);

}  // namespace liminal::model
