// How much of the machine a task may use: `resources` of its executor, as Kubernetes writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "liminal/base/result.hpp"
#include "liminal/model/model.hpp"

namespace liminal::run {

struct Limits {
  std::optional<std::uint64_t> memory_bytes;  // at most
  std::optional<std::uint64_t> cpu_millis;    // at most; 1000 is one processor
  std::optional<std::uint64_t> cpu_share;     // of processors that others want too; 1000 weighs as much as one
  std::string memory_text;                    // as it was written, for people

  [[nodiscard]] bool any() const { return memory_bytes || cpu_millis || cpu_share; }
};

// A Kubernetes quantity in thousandths: 512Mi, 1.5, 250m, 1e3. Empty when it is none, negative or out of range.
[[nodiscard]] std::optional<std::uint64_t> quantity_in_thousandths(std::string_view text);

// `container_resources` or `resources` with `limits` and `requests` of `memory` and `cpu`. A request for memory is for
// the one who places tasks on machines, and means nothing here. Errors (usage): a quantity that is none.
[[nodiscard]] Result<Limits> limits_of(const model::Executor& executor);

}  // namespace liminal::run
