#include "requirements_layer.hpp"

namespace liminal::build {

Result<std::optional<Layer>> write_requirements_layer(const World&, const ImageLayout&, const BaseIndex&,
                                                      const PythonEnvironment&, const std::vector<Wheel>&) {
  return std::nullopt;
}

}  // namespace liminal::build
