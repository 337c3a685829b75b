#include "liminal/base/byte_size.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace liminal {

std::string byte_size(std::uint64_t bytes) {
  constexpr std::uint64_t step = 1024;
  if (bytes < step) return bytes == 1 ? "1 byte" : fmt::format("{} bytes", bytes);
  constexpr std::array<std::string_view, 6> units{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  std::uint64_t one = step;
  while (unit + 1 < units.size() && bytes / one >= step) {
    one *= step;
    ++unit;
  }
  const std::uint64_t tenths = bytes / one * 10 + bytes % one * 10 / one;
  return tenths % 10 == 0 ? fmt::format("{} {}", tenths / 10, units[unit])
                          : fmt::format("{}.{} {}", tenths / 10, tenths % 10, units[unit]);
}

}  // namespace liminal
