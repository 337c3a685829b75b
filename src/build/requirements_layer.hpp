// The layer with an image's requirements: every file of every wheel, where the base's own Python finds it.
#pragma once

#include <optional>
#include <vector>

#include "base_index.hpp"
#include "layer_writer.hpp"
#include "wheel.hpp"

namespace liminal::build {

// Empty when there are no wheels. The layer's bytes depend on the wheels and the base alone. What the base has of an
// older version of a wheel's distribution is removed. Errors (failed): a wheel is refused, two wheels hold one file
// with different content, a file would take the place of a folder or the other way round.
[[nodiscard]] Result<std::optional<Layer>> write_requirements_layer(const World& world, const ImageLayout& layout,
                                                                    const BaseIndex& base,
                                                                    const PythonEnvironment& python,
                                                                    const std::vector<Wheel>& wheels);

}  // namespace liminal::build
