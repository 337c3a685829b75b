// The keys of an object of a declared type against what the type says of them, after everything is merged.
#pragma once

#include "declared_types.hpp"

namespace liminal::config {

// `path` is the object's. Reports unknown-key, schema-type and schema-value.
void check_keys(const document::Value& object, const DeclaredType& type, const std::string& path,
                DiagnosticSink& findings);

// A value of the key, at `path`. Reports schema-type and schema-value.
void check_value(const DeclaredKey& key, const document::Value& value, const std::string& path,
                 DiagnosticSink& findings);

}  // namespace liminal::config
