#include "liminal/schema/schema.hpp"

#include <nlohmann/json.hpp>

#include "explainer.hpp"

namespace liminal::schema {

extern const std::string_view schema_text;
extern const std::string_view types_schema_text;
extern const std::string_view packed_schema;  // by pack/pack_schema.cpp

namespace {

nlohmann::json unpack() {
  nlohmann::json schema;
  // What from_msgpack() does, but for its copy of the whole.
  nlohmann::detail::json_sax_dom_parser<nlohmann::json> builder(schema);
  nlohmann::json::sax_parse(packed_schema, &builder, nlohmann::json::input_format_t::msgpack);
  return schema;
}

}  // namespace

std::string_view text() {
  return schema_text;
}

std::string_view types_text() {
  return types_schema_text;
}

void validate_types(const document::Document& document, DiagnosticSink& findings) {
  static const auto& schema = *new nlohmann::json(nlohmann::json::parse(types_schema_text));
  Explainer(schema, document, findings).without_placeholders().explain();
}

void validate(const document::Document& document, DiagnosticSink& findings) {
  // Never destroyed: taking it apart at the end takes a sixth of what a small file takes.
  static const auto& schema = *new nlohmann::json(unpack());
  Explainer(schema, document, findings).explain();
}

}  // namespace liminal::schema
