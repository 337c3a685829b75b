#include "liminal/schema/schema.hpp"

#include <nlohmann/json.hpp>

#include "explainer.hpp"

namespace liminal::schema {

extern const std::string_view schema_text;

std::string_view text() {
  return schema_text;
}

struct Validator::Compiled {
  nlohmann::json json = nlohmann::json::parse(schema_text);
  References references = find_references(json);
};

Validator::Validator() : compiled_(std::make_unique<Compiled>()) {}
Validator::~Validator() = default;

void Validator::validate(const document::Document& document, DiagnosticSink& findings) const {
  Explainer(compiled_->json, compiled_->references, document, findings).explain();
}

}  // namespace liminal::schema
