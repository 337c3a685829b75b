#include "declared_types.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "from_value.hpp"
#include "type_declaration.hpp"

namespace liminal::config {

namespace {

using document::Kind;
using document::Value;

bool is_text(const Value* value) {
  return value != nullptr && value->kind == Kind::scalar && !value->is_null();
}

std::vector<DeclaredKey> keys_from(const Value& declaration) {
  std::vector<DeclaredKey> keys;
  const Value* schema = declaration.find("keys");
  const Value* properties = schema == nullptr ? nullptr : schema->find("properties");
  if (properties == nullptr || !properties->is_mapping()) return keys;
  for (const Value::Member& member : properties->members) {
    DeclaredKey key{member.key, member.key_origin, std::nullopt, false, member.value};
    if (const Value* otherwise = member.value.find("default")) key.otherwise = *otherwise;
    keys.push_back(std::move(key));
  }
  for (const std::string& name : texts_of(*schema, "required")) {
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const DeclaredKey& one) { return one.name == name; });
    if (key != keys.end()) key->required = true;
  }
  return keys;
}

Value map_or_empty(const Value* value) {
  if (value != nullptr && value->is_mapping()) return *value;
  Value empty;
  empty.kind = Kind::mapping;
  return empty;
}

// Empty when it says too little to be a type; the schema or the checks say so.
std::optional<DeclaredType> task_type_from(const Value& declaration) {
  const Value* container = declaration.find("container");
  const Value* airflow = declaration.find("airflow");
  DeclaredType type;
  if (container != nullptr && container->is_mapping()) {
    const Value* command = container->find("command");
    if (command == nullptr || !command->is_sequence()) return std::nullopt;
    type.command = *command;
    if (const Value* image = container->find("image"); is_text(image)) type.image = *image;
    return type;
  }
  if (airflow == nullptr || !airflow->is_mapping()) return std::nullopt;
  type.kind = DeclaredType::Kind::airflow;
  type.operator_path = text_of(*airflow, "operator");
  type.preset = map_or_empty(airflow->find("arguments"));
  return type;
}

DeclaredType like_type_from(const Value& declaration, DeclaredType::Kind kind) {
  DeclaredType type;
  type.kind = kind;
  type.like = text_of(declaration, "like");
  if (kind == DeclaredType::Kind::executor) {
    type.preset = map_or_empty(declaration.find("arguments"));
    return type;
  }
  type.preset = declaration;
  for (const std::string_view key : {"type", "description", "like", "keys"}) type.preset.erase(key);
  return type;
}

void read_list(const Value& root, std::string_view list, DeclaredType::Kind kind, std::vector<DeclaredType>& types,
               DiagnosticSink& findings) {
  const Value* declarations = root.find(list);
  if (declarations == nullptr) return;
  for (const Value& declaration : declarations->items) {
    const Value* name = declaration.find("type");
    if (!is_text(name)) continue;
    const bool task = list == "tasks";
    auto type = task ? task_type_from(declaration) : like_type_from(declaration, kind);
    if (task) check_task_type(declaration, findings);
    if (!type) continue;
    type->name = name->text();
    type->origin = name->origin;
    type->keys = keys_from(declaration);
    // Refused, and not used: what it would become is not what it says.
    if (check_declaration(*type, declaration, findings)) types.push_back(std::move(*type));
  }
}

struct BuiltIn {
  std::string_view what;
  std::vector<std::string_view> names;
};

const BuiltIn& built_in(DeclaredType::Kind kind) {
  static const BuiltIn tasks{"task",
                             {"python", "spark", "sql", "create_cloudformation_stack", "delete_cloudformation_stack",
                              "job_start", "job_end", "pipeline"}};
  static const BuiltIn images{"image", {"python", "python_server", "spark"}};
  static const BuiltIn executors{"executor", {"kubernetes", "emr", "airflow"}};
  if (kind == DeclaredType::Kind::image) return images;
  return kind == DeclaredType::Kind::executor ? executors : tasks;
}

void add(TypeTable::ByName& types, std::vector<std::string>& names, const DeclaredType& type,
         DiagnosticSink& findings) {
  const BuiltIn& known = built_in(type.kind);
  if (std::find(known.names.begin(), known.names.end(), type.name) != known.names.end()) {
    findings.report(declaration_finding("duplicate-type", type.origin, type.name,
                                        fmt::format("`{}` is a built-in type of {}s", type.name, known.what),
                                        "give the declared type another name"));
    return;
  }
  const auto [first, is_new] = types.emplace(type.name, &type);
  if (is_new) {
    names.push_back(type.name);
    return;
  }
  if (first->second->origin.node == type.origin.node) return;
  Diagnostic found =
      declaration_finding("duplicate-type", type.origin, type.name,
                          fmt::format("there is another declaration of the {} type `{}`", known.what, type.name),
                          "give one of them another name, or take one out");
  document::add_related(found, first->second->origin, "the other is here");
  findings.report(std::move(found));
}

}  // namespace

const DeclaredKey* DeclaredType::find_key(std::string_view wanted) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const DeclaredKey& key) { return key.name == wanted; });
  return found == keys.end() ? nullptr : &*found;
}

const DeclaredType* TypeTable::find(const ByName& types, const std::string& name) {
  const auto found = types.find(name);
  return found == types.end() ? nullptr : found->second;
}

std::vector<DeclaredType> read_types(const document::Document& document, DiagnosticSink& findings) {
  std::vector<DeclaredType> types;
  if (document.root() == nullptr) return types;
  const Value root = Value::of(*document.root());
  read_list(root, "tasks", DeclaredType::Kind::container, types, findings);
  read_list(root, "images", DeclaredType::Kind::image, types, findings);
  read_list(root, "executors", DeclaredType::Kind::executor, types, findings);
  return types;
}

TypeTable make_table(const std::vector<const std::vector<DeclaredType>*>& files, DiagnosticSink& findings) {
  TypeTable table;
  auto names = std::make_shared<model::DeclaredNames>();
  for (const auto* types : files) {
    for (const DeclaredType& type : *types) {
      if (type.kind == DeclaredType::Kind::image) {
        add(table.images, names->images, type, findings);
      } else if (type.kind == DeclaredType::Kind::executor) {
        add(table.executors, names->executors, type, findings);
      } else {
        add(table.tasks, names->tasks, type, findings);
      }
    }
  }
  table.names = std::move(names);
  return table;
}

}  // namespace liminal::config
