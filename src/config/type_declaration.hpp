// Whether a declared type can become what it says.
#pragma once

#include "declared_types.hpp"

namespace liminal::config {

[[nodiscard]] Diagnostic declaration_finding(std::string rule, const document::Origin& origin, std::string value,
                                             std::string message, std::string help);

// Whether a task type says what it is: one of `container` and `airflow`. Reports bad-type-declaration.
void check_task_type(const document::Value& declaration, DiagnosticSink& findings);

// The names of its keys and arguments, its import path, and what stands in its templates. False: it cannot be used.
// Reports bad-type-declaration and unknown-template-key.
[[nodiscard]] bool check_declaration(const DeclaredType& type, const document::Value& declaration,
                                     DiagnosticSink& findings);

// Whether every object of the kind may have the key, whatever its type declares.
[[nodiscard]] bool may_be_written(DeclaredType::Kind kind, std::string_view key);

// MODULE and CLASS of `module:Class`; empty when one is no identifier of Python's.
struct ImportPath {
  std::string module;
  std::string name;
};
[[nodiscard]] std::optional<ImportPath> import_path_of(const std::string& text);

}  // namespace liminal::config
