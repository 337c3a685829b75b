#include "liminal/base/quantity.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace liminal {

namespace {

using Suffix = std::pair<std::string_view, long double>;
// Divided by, since 500 times what stands for a thousandth is not one half.
constexpr std::array<Suffix, 3> parts{{{"n", 1e9L}, {"u", 1e6L}, {"m", 1e3L}}};
constexpr std::array<Suffix, 13> suffixes{{{"", 1},
                                           {"k", 1e3L},
                                           {"M", 1e6L},
                                           {"G", 1e9L},
                                           {"T", 1e12L},
                                           {"P", 1e15L},
                                           {"E", 1e18L},
                                           {"Ki", 0x1p10L},
                                           {"Mi", 0x1p20L},
                                           {"Gi", 0x1p30L},
                                           {"Ti", 0x1p40L},
                                           {"Pi", 0x1p50L},
                                           {"Ei", 0x1p60L}}};

}  // namespace

std::optional<long double> parse_quantity(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  long double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || !std::isfinite(number)) return std::nullopt;
  const auto length = static_cast<std::size_t>(end - text.data());
  const std::string_view suffix = text.substr(length);
  // An exponent is a unit of its own.
  if (!suffix.empty() && text.substr(0, length).find_first_of("eE") != std::string_view::npos) return std::nullopt;
  for (const auto& [name, divisor] : parts) {
    if (suffix == name) return number / divisor;
  }
  for (const auto& [name, factor] : suffixes) {
    if (suffix == name) return number * factor;
  }
  return std::nullopt;
}

}  // namespace liminal
