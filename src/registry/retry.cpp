#include "retry.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace liminal::registry {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{500};
constexpr milliseconds longest_pause{30'000};
constexpr milliseconds longest_wish{120'000};
constexpr milliseconds slice{100};  // how late a cancellation is noticed

}  // namespace

bool is_passing_status(int status) {
  switch (status) {
    case 408:
    case 425:
    case 429:
    case 499:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return status >= 520 && status <= 524;
  }
}

std::optional<milliseconds> parse_retry_after(const std::string& value, Clock::WallTime now) {
  unsigned seconds = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (code == std::errc() && end == value.data() + value.size()) return std::chrono::seconds{seconds};
  std::tm time{};
  if (::strptime(value.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time) == nullptr) return std::nullopt;
  const auto then = Clock::WallTime{std::chrono::seconds{::timegm(&time)}};
  return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(then - now));
}

bool Pauses::wait(unsigned attempt, const std::optional<std::string>& retry_after) {
  const milliseconds most = std::min(longest_pause, first_pause * (1 << std::min(attempt, 10U)));
  milliseconds pause{std::uniform_int_distribution<long>(0, static_cast<long>(most.count()))(random_)};
  if (retry_after) {
    if (const auto wish = parse_retry_after(*retry_after, world_.clock.now())) pause = std::min(*wish, longest_wish);
  }
  while (pause.count() > 0 && !world_.cancellation.requested()) {
    const milliseconds now = std::min(pause, slice);
    world_.clock.sleep_for(now);
    pause -= now;
  }
  return !world_.cancellation.requested();
}

Result<HttpResponse> send_with_retries(const World& world, const std::function<Result<HttpResponse>()>& send) {
  Pauses pauses(world);
  for (unsigned attempt = 0;; ++attempt) {
    auto response = send();
    const bool again = response ? is_passing_status(response->status) : response.error().transient;
    if (!again || attempt + 1 == max_attempts) return response;
    if (!pauses.wait(attempt, response ? response->headers.get("Retry-After") : std::nullopt)) {
      return fail(ErrorKind::interrupted, "stopped while waiting to ask the registry again");
    }
  }
}

}  // namespace liminal::registry
