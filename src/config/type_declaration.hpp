// Whether a declared type can become what it says.
#pragma once

#include "declared_types.hpp"

namespace liminal::config {

// `task`, `image` or `executor`, as messages say.
[[nodiscard]] std::string_view spoken(DeclaredType::Kind kind);

// Where the type stands in its file: tasks[NAME].
[[nodiscard]] std::string path_of(const DeclaredType& type);

// What it is, the names of its keys and arguments, its import path, and what stands in its templates. False: it cannot
// be used. Reports bad-type-declaration and unknown-template-key, and of defaults schema-type and schema-value.
[[nodiscard]] bool check_declaration(const DeclaredType& type, const document::Value& declaration,
                                     DiagnosticSink& findings);

// Whether objects of the kind have the key, whatever their type declares.
[[nodiscard]] bool may_be_written(DeclaredType::Kind kind, std::string_view key);

// MODULE and CLASS of `module:Class`; empty when one is no name that Python could import.
struct ImportPath {
  std::string module;
  std::string name;
};
[[nodiscard]] std::optional<ImportPath> import_path_of(const std::string& text);

}  // namespace liminal::config
