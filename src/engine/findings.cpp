#include "findings.hpp"

namespace liminal::engine {

Diagnostic cannot_express(const document::Origin& origin, std::string yaml_path, std::string value, std::string message,
                          std::string help, Severity severity) {
  Diagnostic finding = document::finding_at("engine-cannot-express", origin, std::move(yaml_path), std::move(value),
                                            std::move(message), std::move(help));
  finding.severity = severity;
  return finding;
}

}  // namespace liminal::engine
