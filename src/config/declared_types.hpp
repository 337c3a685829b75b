// What liminal.types.yml files declare (docs/decisions/0004-types-without-code.md). What does not fit the schema is
// left out here: the schema says so.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "liminal/config/config.hpp"

namespace liminal::config {

struct DeclaredKey {
  std::string name;
  document::Origin origin;
  std::optional<document::Value> otherwise;  // `default`
  bool required = false;
  document::Value schema = {};
};

struct DeclaredType {
  enum class Kind { container, airflow, image, executor };
  Kind kind = Kind::container;
  std::string name;
  document::Origin origin;  // of the name
  // False: it is refused, which is told, and what is of it stays as it was written.
  bool usable = true;
  std::vector<DeclaredKey> keys;
  document::Value command;  // container: a list
  document::Value image;    // container: null when each task names its own
  std::string operator_path;
  std::string like;        // image, executor: a built-in type
  document::Value preset;  // a map: arguments of the operator or executor, keys of the image

  [[nodiscard]] const DeclaredKey* find_key(std::string_view name) const;
};

// The types of one file. Reports bad-type-declaration, unknown-template-key, and schema-type and schema-value for
// defaults.
[[nodiscard]] std::vector<DeclaredType> read_types(const document::Document& document, DiagnosticSink& findings);

// The types that count for one system, by name.
struct TypeTable {
  using ByName = std::unordered_map<std::string, const DeclaredType*>;
  ByName tasks;
  ByName images;
  ByName executors;
  std::shared_ptr<const model::DeclaredNames> names;

  // Null: there is none, or it is not usable.
  [[nodiscard]] static const DeclaredType* find(const ByName& types, const std::string& name);
};

// Of types with one name the first, which is the nearest file's. Reports duplicate-type.
[[nodiscard]] TypeTable make_table(const std::vector<const std::vector<DeclaredType>*>& files,
                                   DiagnosticSink& findings);

}  // namespace liminal::config
