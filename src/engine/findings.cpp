#include "findings.hpp"

namespace liminal::engine {

Diagnostic cannot_express(const document::Origin& origin, std::string yaml_path, std::string value, std::string message,
                          std::string help, Severity severity) {
  Diagnostic finding;
  finding.rule = "engine-cannot-express";
  finding.severity = severity;
  finding.message = std::move(message);
  finding.help = std::move(help);
  if (const auto location = origin.location()) finding.location = *location;
  finding.source = origin.source();
  finding.yaml_path = std::move(yaml_path);
  finding.value = std::move(value);
  return finding;
}

}  // namespace liminal::engine
