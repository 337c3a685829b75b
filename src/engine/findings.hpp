// Findings about what an engine cannot express.
#pragma once

#include <string>

#include "liminal/diagnostic/diagnostic.hpp"
#include "liminal/model/model.hpp"

namespace liminal::engine {

// rule engine-cannot-express, at `origin`.
[[nodiscard]] Diagnostic cannot_express(const document::Origin& origin, std::string yaml_path, std::string value,
                                        std::string message, std::string help, Severity severity = Severity::error);

}  // namespace liminal::engine
