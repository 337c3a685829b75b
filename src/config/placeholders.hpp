// {{name}}: variables of the file and its layers, then the environment.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "liminal/base/environment.hpp"
#include "liminal/diagnostic/diagnostic.hpp"
#include "liminal/document/value.hpp"

namespace liminal::config {

struct Placeholder {
  std::size_t begin = 0;  // of the braces
  std::size_t end = 0;
  std::string name;
};

// The next {{ name }} at or behind `from`.
[[nodiscard]] std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from);

// Renders every string below `root`, those of `variables` included, and puts the values of `set` into `variables`. What
// is not found stays as it is: Airflow's own macros look the same. A value of the environment that looks like a secret
// is not taken, since what is rendered is shown and stored. Reports placeholder-not-a-scalar, placeholder-of-a-secret
// and expansion-limit.
void render_placeholders(document::Value& root, const std::map<std::string, std::string>& set,
                         const Environment& environment, DiagnosticSink& findings);

}  // namespace liminal::config
