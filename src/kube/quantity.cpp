#include "liminal/kube/quantity.hpp"

#include <cmath>
#include <string>

#include "liminal/base/quantity.hpp"

namespace liminal::kube {

std::optional<long double> quantity_of(const Json& value) {
  if (value.is_number()) return value.get<long double>();
  if (!value.is_string()) return std::nullopt;
  return parse_quantity(value.get_ref<const std::string&>());
}

bool same_quantity(const Json& a, const Json& b) {
  const auto left = quantity_of(a);
  const auto right = quantity_of(b);
  if (!left || !right) return false;
  return std::fabs(*left - *right) <= 1e-12L * std::fmax(std::fabs(*left), std::fabs(*right));
}

}  // namespace liminal::kube
