// Moments as Airflow's templates print and read them. UTC throughout.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "liminal/base/result.hpp"

namespace liminal::engine::macros {

using Moment = std::chrono::sys_seconds;

// Python's strftime, C locale. Errors: a directive it does not know.
[[nodiscard]] Result<std::string> format_moment(Moment moment, std::string_view format);
// Python's strptime, of dates and times without a zone.
[[nodiscard]] Result<Moment> parse_moment(const std::string& text, const std::string& format);

}  // namespace liminal::engine::macros
