#include "limits.hpp"

#include <cmath>

#include <fmt/format.h>

#include "liminal/base/quantity.hpp"

namespace liminal::run {
namespace {

// Linux takes no smaller ones.
constexpr std::uint64_t least_memory = 6ULL << 20;
constexpr std::uint64_t least_cpu_millis = 10;

const model::Value* resources_of(const model::Executor& executor) {
  for (const auto& [key, value] : executor.arguments) {
    if (key == "container_resources" || key == "resources") return value;
  }
  return nullptr;
}

// One quantity of `limits` or `requests`; empty when it is not there.
Result<std::optional<std::uint64_t>> read(const model::Executor& executor, const model::Value& resources,
                                          std::string_view part, std::string_view name, std::string* written) {
  const model::Value* values = resources.find(part);
  const model::Value* value = values == nullptr ? nullptr : values->find(name);
  if (value == nullptr || value->is_null()) return std::optional<std::uint64_t>();
  const std::string text = value->text();
  const auto quantity = quantity_in_thousandths(text);
  if (!quantity) {
    return fail(ErrorKind::usage,
                fmt::format("`{}` is no quantity: {} of `{}` of the executor `{}`", text, name, part, executor.name),
                "write it as Kubernetes does, such as 512Mi or 500m");
  }
  if (written != nullptr) *written = text;
  return quantity;
}

}  // namespace

std::optional<std::uint64_t> quantity_in_thousandths(std::string_view text) {
  const auto quantity = parse_quantity(text);
  if (!quantity || *quantity < 0) return std::nullopt;
  // What is written in thousandths is whole, but for the noise of the last digit.
  const long double thousandths = std::ceil(*quantity * 1000 * (1 - 1e-15L));
  if (thousandths >= 9e18L) return std::nullopt;
  return static_cast<std::uint64_t>(thousandths);
}

Result<Limits> limits_of(const model::Executor& executor) {
  Limits limits;
  const model::Value* resources = resources_of(executor);
  if (resources == nullptr) return limits;
  auto memory = read(executor, *resources, "limits", "memory", &limits.memory_text);
  if (!memory) return tl::unexpected(std::move(memory.error()));
  if (*memory) limits.memory_bytes = std::max(least_memory, **memory / 1000);
  auto cpu = read(executor, *resources, "limits", "cpu", nullptr);
  if (!cpu) return tl::unexpected(std::move(cpu.error()));
  if (*cpu) limits.cpu_millis = std::max(least_cpu_millis, **cpu);
  auto share = read(executor, *resources, "requests", "cpu", nullptr);
  if (!share) return tl::unexpected(std::move(share.error()));
  limits.cpu_share = *share;
  auto request = read(executor, *resources, "requests", "memory", nullptr);
  if (!request) return tl::unexpected(std::move(request.error()));
  return limits;
}

}  // namespace liminal::run
