#include "declared_types.hpp"

#include <algorithm>

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

bool is_built_in(DeclaredType::Kind kind, std::string_view name) {
  const auto has = [&](const auto& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
  if (kind == DeclaredType::Kind::image) return has(model::built_in_images);
  return kind == DeclaredType::Kind::executor ? has(model::built_in_executors) : has(model::built_in_tasks);
}

// Not usable when it says too little to be a type; the schema or the checks say so.
DeclaredType task_type_from(const Value& declaration) {
  const Value* container = declaration.find("container");
  const Value* airflow = declaration.find("airflow");
  DeclaredType type;
  if (container != nullptr && container->is_mapping()) {
    const Value* command = container->find("command");
    type.usable = command != nullptr && command->is_sequence();
    if (type.usable) type.command = *command;
    if (const Value* image = container->find("image"); is_text(image)) type.image = *image;
    return type;
  }
  type.kind = DeclaredType::Kind::airflow;
  type.usable = airflow != nullptr && airflow->is_mapping() && is_text(airflow->find("operator"));
  if (!type.usable) return type;
  type.operator_path = text_of(*airflow, "operator");
  type.preset = map_or_empty(airflow->find("arguments"));
  return type;
}

DeclaredType like_type_from(const Value& declaration, DeclaredType::Kind kind) {
  DeclaredType type;
  type.kind = kind;
  type.like = text_of(declaration, "like");
  type.usable = is_built_in(kind, type.like);
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
    DeclaredType type = list == "tasks" ? task_type_from(declaration) : like_type_from(declaration, kind);
    type.name = name->text();
    type.origin = name->origin;
    type.keys = keys_from(declaration);
    const bool good = check_declaration(type, declaration, findings);
    type.usable = type.usable && good;
    types.push_back(std::move(type));
  }
}

void add(TypeTable::ByName& types, std::vector<std::string>& names, const DeclaredType& type,
         DiagnosticSink& findings) {
  const std::string_view what = spoken(type.kind);
  if (is_built_in(type.kind, type.name)) {
    findings.report(document::finding_at("duplicate-type", type.origin, path_of(type), type.name,
                                         fmt::format("`{}` is a built-in type of {}s", type.name, what),
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
      document::finding_at("duplicate-type", type.origin, path_of(type), type.name,
                           fmt::format("there is another declaration of the {} type `{}`", what, type.name),
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
  return found == types.end() || !found->second->usable ? nullptr : found->second;
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
