#include "liminal/model/moment.hpp"

#include <algorithm>
#include <cctype>

#include "liminal/model/date.hpp"

namespace liminal::model {

namespace {

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// Takes what stands at the start of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool skip(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Two digits of at most `most`; -1 when they are not there.
  int two_digits(int most) {
    if (text_.size() < 2 || !is_digit(text_[1])) return -1;
    return digits(2, most);
  }
  // The same of one digit or two.
  int one_or_two_digits(int most) { return digits(text_.size() > 1 && is_digit(text_[1]) ? 2 : 1, most); }
  // How many there were.
  std::size_t skip_all(bool (*wanted)(char)) {
    const auto* end = std::find_if_not(text_.begin(), text_.end(), wanted);
    const auto count = static_cast<std::size_t>(end - text_.begin());
    text_.remove_prefix(count);
    return count;
  }
  [[nodiscard]] bool at_end() const { return text_.empty(); }

 private:
  int digits(std::size_t count, int most) {
    if (text_.empty() || !is_digit(text_.front())) return -1;
    int number = 0;
    for (const char c : text_.substr(0, count)) number = number * 10 + (c - '0');
    text_.remove_prefix(count);
    return number > most ? -1 : number;
  }

  std::string_view text_;
};

}  // namespace

std::optional<std::chrono::sys_seconds> parse_moment(std::string_view text) {
  constexpr std::size_t length = std::string_view("2026-01-31").size();
  const auto date = parse_date(text);
  if (!date) return std::nullopt;
  std::chrono::sys_seconds moment = start_of(*date);
  if (text.size() == length) return moment;
  Reader rest(text.substr(length));
  if (!rest.skip('T') && !rest.skip(' ')) return std::nullopt;
  const int hours = rest.two_digits(23);
  const int minutes = hours >= 0 && rest.skip(':') ? rest.two_digits(59) : -1;
  if (minutes < 0) return std::nullopt;
  moment += std::chrono::hours{hours} + std::chrono::minutes{minutes};
  if (rest.skip(':')) {
    const int seconds = rest.two_digits(59);
    if (seconds < 0 || (rest.skip('.') && rest.skip_all(is_digit) == 0)) return std::nullopt;
    moment += std::chrono::seconds{seconds};
  }
  if (rest.at_end() || rest.skip('Z')) return rest.at_end() ? std::optional(moment) : std::nullopt;
  const bool east = rest.skip('+');
  if (!east && !rest.skip('-')) return std::nullopt;
  const int zone_hours = rest.two_digits(23);
  rest.skip(':');
  const int zone_minutes = rest.at_end() ? 0 : rest.two_digits(59);
  if (zone_hours < 0 || zone_minutes < 0 || !rest.at_end()) return std::nullopt;
  const auto zone = std::chrono::hours{zone_hours} + std::chrono::minutes{zone_minutes};
  return east ? moment - zone : moment + zone;
}

bool is_time_of_day(std::string_view text) {
  Reader rest(text);
  if (rest.one_or_two_digits(23) < 0) return false;
  for (int part = 0; part < 2; ++part) {
    if (rest.skip(':') && rest.two_digits(59) < 0) return false;
  }
  if (rest.skip('.')) rest.skip_all(is_digit);
  rest.skip_all([](char c) { return c == ' ' || c == '\t'; });
  if (rest.skip('Z') || rest.at_end()) return rest.at_end();
  if (!rest.skip('+') && !rest.skip('-')) return false;
  if (rest.one_or_two_digits(23) < 0) return false;
  rest.skip(':');
  return rest.at_end() || (rest.two_digits(59) >= 0 && rest.at_end());
}

}  // namespace liminal::model
