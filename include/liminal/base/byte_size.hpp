// Amounts of bytes for people.
#pragma once

#include <cstdint>
#include <string>

namespace liminal {

// 12 bytes, 1.5 KiB, 64 MiB: in the largest unit of which there is one, with at most one digit behind the point.
[[nodiscard]] std::string byte_size(std::uint64_t bytes);

}  // namespace liminal
