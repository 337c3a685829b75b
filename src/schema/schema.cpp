#include "liminal/schema/schema.hpp"

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "explainer.hpp"
#include "node_adapter.hpp"

namespace liminal::schema {

extern const std::string_view schema_text;

std::string_view text() {
  return schema_text;
}

struct Validator::Compiled {
  nlohmann::json json = nlohmann::json::parse(schema_text);
  valijson::Schema schema;
  Compiled() {
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(json), schema);
  }
};

Validator::Validator() : compiled_(std::make_unique<Compiled>()) {}
Validator::~Validator() = default;

void Validator::validate(const document::Document& document, DiagnosticSink& findings) const {
  if (document.root() == nullptr) return;
  // valijson answers whether the file fits; why it does not is told by the explainer. Its warnings are wanted in any
  // case.
  valijson::Validator validator;
  const bool valid = validator.validate(compiled_->schema, NodeAdapter(*document.root()), nullptr);
  Explainer explainer(compiled_->json, document, findings);
  const std::size_t faults = explainer.explain();
  if (valid || faults > 0) return;
  Diagnostic found;
  found.rule = "schema-value";
  found.message = "the file does not fit the schema of liminal.yml";
  found.help = "compare it with what `liminal schema` prints";
  found.location = {document.file(), {document.position(0), document.position(0)}};
  found.source = document.source();
  findings.report(std::move(found));
}

}  // namespace liminal::schema
