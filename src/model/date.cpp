#include "liminal/model/date.hpp"

#include <charconv>

namespace liminal::model {

std::optional<Date> parse_date(std::string_view text) {
  constexpr std::size_t length = std::string_view("2026-01-31").size();
  if (text.size() < length || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (text.size() > length && text[length] != 'T' && text[length] != 't' && text[length] != ' ') return std::nullopt;
  const auto read = [&](std::size_t begin, std::size_t count, auto& into) {
    const char* end = text.data() + begin + count;
    const auto [at, problem] = std::from_chars(text.data() + begin, end, into);
    return problem == std::errc() && at == end;
  };
  Date date;
  if (!read(0, 4, date.year) || !read(5, 2, date.month) || !read(8, 2, date.day)) return std::nullopt;
  const std::chrono::year_month_day calendar{std::chrono::year{date.year}, std::chrono::month{date.month},
                                             std::chrono::day{date.day}};
  return calendar.ok() && date.year > 0 ? std::optional(date) : std::nullopt;
}

std::chrono::sys_days start_of(const Date& date) {
  return std::chrono::year{date.year} / std::chrono::month{date.month} / std::chrono::day{date.day};
}

}  // namespace liminal::model
