// Ports of this machine's loopback interface.
#pragma once

#include <cstdint>
#include <optional>

#include "liminal/base/result.hpp"

namespace liminal::airflow {

// This one, or any that nobody listens on. Error (unavailable): somebody listens on it.
[[nodiscard]] Result<std::uint16_t> free_loopback_port(std::optional<std::uint16_t> wanted);

}  // namespace liminal::airflow
