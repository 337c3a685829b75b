#include "liminal/base/rfc3339.hpp"

#include <cctype>
#include <cstdio>
#include <ctime>

namespace liminal {

std::optional<Clock::WallTime> parse_rfc3339(const std::string& text) {
  std::tm time{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  if (rest == nullptr) return std::nullopt;
  std::chrono::milliseconds fraction{0};
  if (*rest == '.') {
    int unit = 100;
    for (++rest; std::isdigit(static_cast<unsigned char>(*rest)) != 0; ++rest, unit /= 10)
      fraction += std::chrono::milliseconds{unit * (*rest - '0')};
  }
  std::chrono::minutes offset{0};
  if (*rest == '+' || *rest == '-') {
    int hours = 0;
    int minutes = 0;
    if (std::sscanf(rest + 1, "%2d:%2d", &hours, &minutes) != 2) return std::nullopt;
    offset = std::chrono::minutes{hours * 60 + minutes} * (*rest == '-' ? -1 : 1);
  } else if (*rest != 'Z' && *rest != 'z') {
    return std::nullopt;
  }
  return Clock::WallTime{std::chrono::seconds{::timegm(&time)}} + fraction - offset;
}

}  // namespace liminal
