// {{name}}: variables of the file and its layers, then the environment.
#pragma once

#include <map>
#include <string>

#include "liminal/base/environment.hpp"
#include "liminal/diagnostic/diagnostic.hpp"
#include "liminal/document/value.hpp"

namespace liminal::config {

// Renders every string below `root` but those of `variables` themselves. What is not found stays as it is: Airflow's
// own macros look the same. Reports placeholder-not-a-scalar.
void render_placeholders(document::Value& root, const std::map<std::string, std::string>& set,
                         const Environment& environment, DiagnosticSink& findings);

}  // namespace liminal::config
