// Bytes piece by piece: where they come from and where they go.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "liminal/base/result.hpp"

namespace liminal {

// Fills the buffer and returns the count; 0 at the end.
using ByteSource = std::function<Result<std::size_t>(char* buffer, std::size_t capacity)>;
using ByteSink = std::function<Status(std::string_view)>;

}  // namespace liminal
