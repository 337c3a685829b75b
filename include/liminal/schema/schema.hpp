// The format's JSON Schema (schema/liminal.schema.json, draft 7), compiled into the program, and validation against it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "liminal/diagnostic/diagnostic.hpp"
#include "liminal/document/document.hpp"

namespace liminal::schema {

// The schema's own text: what `liminal schema` prints.
[[nodiscard]] std::string_view text();

// Of liminal.types.yml (schema/liminal.types.schema.json), and validation against it, as by `validate`.
[[nodiscard]] std::string_view types_text();
void validate_types(const document::Document& document, DiagnosticSink& findings);

// What scalars with placeholders have become, once for each system that has them.
using Rendered = std::multimap<const document::Node*, std::string>;

// Reports one finding for each thing that is wrong (rules: schema-type, schema-required, schema-value, unknown-key,
// ...), at its own place. Of alternatives by `type`, only the chosen one's findings. May be called from several threads
// at once. Where a placeholder stands for a number, a boolean or one of some words, what it has become is checked: a
// value that does not fit would be as good as none.
void validate(const document::Document& document, DiagnosticSink& findings, const Rendered& rendered = {});

}  // namespace liminal::schema
