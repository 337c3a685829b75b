#include "liminal/schema/schema.hpp"

#include "explainer.hpp"
#include "packed_schema.hpp"

namespace liminal::schema {

extern const std::string_view schema_text;
extern const std::string_view types_schema_text;
// By pack/pack_schema.cpp.
extern const std::string_view packed_schema;
extern const std::string_view packed_types_schema;

std::string_view text() {
  return schema_text;
}

std::string_view types_text() {
  return types_schema_text;
}

// Never destroyed: taking them apart at the end takes a sixth of what a small file takes.

void validate_types(const document::Document& document, DiagnosticSink& findings) {
  static const auto& schema = *new PackedSchema(packed_types_schema);
  Explainer(schema, document, findings).without_placeholders().explain();
}

void validate(const document::Document& document, DiagnosticSink& findings, const Rendered& rendered) {
  static const auto& schema = *new PackedSchema(packed_schema);
  Explainer(schema, document, findings).with_rendered(rendered).explain();
}

}  // namespace liminal::schema
