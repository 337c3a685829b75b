#include "liminal/base/pauses.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace liminal {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{500};
constexpr milliseconds longest_pause{30'000};
constexpr milliseconds longest_wish{120'000};
constexpr milliseconds slice{100};  // how late a cancellation is noticed

}  // namespace

std::optional<milliseconds> parse_retry_after(const std::string& value, Clock::WallTime now) {
  unsigned seconds = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (code == std::errc() && end == value.data() + value.size()) return std::chrono::seconds{seconds};
  std::tm time{};
  if (::strptime(value.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time) == nullptr) return std::nullopt;
  const auto then = Clock::WallTime{std::chrono::seconds{::timegm(&time)}};
  return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(then - now));
}

std::optional<milliseconds> retry_after(const HttpHeaders& headers, Clock::WallTime now) {
  const auto header = headers.get("Retry-After");
  return header ? parse_retry_after(*header, now) : std::nullopt;
}

bool Pauses::wait(unsigned attempt, std::optional<milliseconds> wish) {
  const milliseconds most = std::min(longest_pause, first_pause * (1 << std::min(attempt, 10U)));
  milliseconds pause{std::uniform_int_distribution<long>(0, static_cast<long>(most.count()))(random_)};
  if (wish) pause = std::min(*wish, longest_wish);
  while (pause.count() > 0 && !world_.cancellation.requested()) {
    const milliseconds now = std::min(pause, slice);
    world_.clock.sleep_for(now);
    pause -= now;
  }
  return !world_.cancellation.requested();
}

}  // namespace liminal
