#include "explainer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"

namespace liminal::schema {

namespace {

using document::Kind;
using document::Member;
using document::Node;
using document::ScalarType;
using nlohmann::json;

// The keys that name an object: what its item in a list is called by.
constexpr std::array<std::string_view, 9> naming_keys{"task",     "pipeline", "image", "volume",  "secret",
                                                      "executor", "service",  "mount", "endpoint"};

std::string type_of(const Node& node) {
  if (node.kind == Kind::sequence) return "array";
  if (node.kind == Kind::mapping) return "object";
  switch (node.scalar_type) {
    case ScalarType::null:
      return "null";
    case ScalarType::boolean:
      return "boolean";
    case ScalarType::integer:
      return "integer";
    case ScalarType::floating:
      return "number";
    default:
      return "string";
  }
}

std::string_view spoken(std::string_view type) {
  if (type == "array") return "a list";
  if (type == "object") return "a map";
  if (type == "null") return "empty";
  if (type == "boolean") return "a boolean";
  if (type == "integer") return "a whole number";
  return type == "number" ? "a number" : "a text";
}

std::vector<std::string> types_in(const json& types) {
  if (types.is_string()) return {types.get<std::string>()};
  return types.get<std::vector<std::string>>();
}

bool fits(const Node& node, const std::vector<std::string>& types) {
  const std::string actual = type_of(node);
  return std::any_of(types.begin(), types.end(), [&](const std::string& type) {
    return type == actual || (type == "number" && actual == "integer");
  });
}

bool is_placeholder(const Node& node) {
  return node.kind == Kind::scalar && node.scalar.find("{{") != std::string_view::npos;
}

std::string quoted(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text += fmt::format("{}`{}`", text.empty() ? "" : ", ", word);
  return text;
}

std::string last_key(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

// pipelines[wine] rather than pipelines[0].
std::string item_path(const std::string& list, const Node& item, std::size_t index) {
  for (const std::string_view key : naming_keys) {
    const Node* name = item.kind == Kind::mapping ? item.find(key) : nullptr;
    // In a service or task, `image` only refers: its own name comes first in the object.
    if (name != nullptr && !item.members.empty() && item.members.front().key->scalar == key && !name->scalar.empty()) {
      return fmt::format("{}[{}]", list, name->scalar);
    }
  }
  return fmt::format("{}[{}]", list, index);
}

std::vector<std::string_view> keys_of(const json& schema) {
  std::vector<std::string_view> keys;
  if (const auto properties = schema.find("properties"); properties != schema.end()) {
    for (const auto& [key, unused] : properties->items()) keys.push_back(key);
  }
  return keys;
}

}  // namespace

Explainer::Explainer(const json& schema, const document::Document& document, DiagnosticSink& findings)
    : schema_(schema), document_(document), findings_(findings) {}

std::size_t Explainer::explain() {
  if (document_.root() != nullptr) check(*document_.root(), schema_, {"", "file"});
  return reported_;
}

const json& Explainer::resolve(const json& schema) const {
  const auto reference = schema.find("$ref");
  if (reference == schema.end()) return schema;
  return schema_.at(json::json_pointer(reference->get<std::string>().substr(1)));
}

void Explainer::report(std::string_view rule, Severity severity, const Node& node, const Place& place,
                       std::string value, std::string message, std::string help) {
  Diagnostic found;
  found.rule = rule;
  found.severity = severity;
  found.message = std::move(message);
  found.help = std::move(help);
  found.location = {document_.file(), document_.range(node)};
  found.yaml_path = place.path;
  found.value = std::move(value);
  found.source = document_.source();
  findings_.report(std::move(found));
  if (severity == Severity::error) ++reported_;
}

void Explainer::check(const Node& node, const json& unresolved, const Place& place) {
  const json& schema = resolve(unresolved);
  if (schema.contains("oneOf")) return check_alternatives(node, schema, place);
  if (const auto any = schema.find("anyOf"); any != schema.end()) {
    if (is_placeholder(node)) return;
    json first = any->front();
    return check(node, first, place);
  }
  if (const auto types = schema.find("type"); types != schema.end() && !fits(node, types_in(*types))) {
    return check_type(node, *types, place, last_key(place.path));
  }
  if (const auto values = schema.find("enum"); values != schema.end()) check_enum(node, *values, place);
  if (schema.contains("minimum") || schema.contains("maximum")) check_number(node, schema, place);
  if (node.kind == Kind::mapping) check_mapping(node, schema, place);
  if (const auto items = schema.find("items"); items != schema.end() && node.kind == Kind::sequence) {
    for (std::size_t i = 0; i < node.items.size() && !findings_.full(document_.file()); ++i) {
      check(*node.items[i], *items, {item_path(place.path, *node.items[i], i), place.what});
    }
  }
}

void Explainer::check_type(const Node& node, const json& types, const Place& place, std::string_view key) {
  std::vector<std::string> wanted = types_in(types);
  std::string list;
  for (const std::string& type : wanted) {
    if (type == "null") continue;
    list += fmt::format("{}{}", list.empty() ? "" : " or ", spoken(type));
  }
  const std::string actual = type_of(node);
  const std::string subject = key.empty() ? std::string("the file") : fmt::format("`{}`", key);
  if (actual == "null") {
    report("schema-type", Severity::error, node, place, "null", fmt::format("{} has no value", subject),
           fmt::format("give it {}, or remove the key", list));
    return;
  }
  report("schema-type", Severity::error, node, place, std::string(node.scalar.substr(0, 100)),
         fmt::format("{} must be {}, and this is {}", subject, list, spoken(actual)), fmt::format("write {}", list));
}

void Explainer::check_number(const Node& node, const json& schema, const Place& place) {
  const auto number = document::as_number(node);
  if (!number) return;
  const auto least = schema.find("minimum");
  const auto most = schema.find("maximum");
  const bool low = least != schema.end() && *number < least->get<double>();
  const bool high = most != schema.end() && *number > most->get<double>();
  if (!low && !high) return;
  report("schema-value", Severity::error, node, place, std::string(node.scalar),
         fmt::format("`{}` cannot be {}", last_key(place.path), node.scalar),
         low ? fmt::format("the least is {}", least->dump()) : fmt::format("the most is {}", most->dump()));
}

void Explainer::check_enum(const Node& node, const json& values, const Place& place) {
  std::vector<std::string_view> words;
  for (const json& value : values) {
    if (value.is_string()) words.push_back(value.get_ref<const std::string&>());
  }
  if (std::find(words.begin(), words.end(), node.scalar) != words.end() || is_placeholder(node)) return;
  const auto likely = nearest(node.scalar, words);
  report("schema-value", Severity::error, node, place, std::string(node.scalar),
         fmt::format("`{}` cannot be `{}`", last_key(place.path), node.scalar),
         likely ? fmt::format("did you mean `{}`?", *likely) : fmt::format("write one of {}", quoted(words)));
}

// The alternative whose `type` is the object's. What has no type, or one that nobody knows, is the plug-in's: the last
// one.
void Explainer::check_alternatives(const Node& node, const json& schema, const Place& place) {
  const std::string title = schema.value("title", "object");
  std::string what = title;
  if (!what.empty() && what[0] >= 'A' && what[0] <= 'Z') what[0] = static_cast<char>(what[0] - 'A' + 'a');
  if (node.kind != Kind::mapping) return check_type(node, "object", place, last_key(place.path));
  const Node* type = node.find("type");
  const json* chosen = &resolve(schema.at("oneOf").back());
  for (const json& alternative : schema.at("oneOf")) {
    const json& candidate = resolve(alternative);
    const json& names = candidate.at("properties").at("type");
    if (type == nullptr || !names.contains("enum")) continue;
    const auto& values = names.at("enum");
    if (std::find(values.begin(), values.end(), std::string(type->scalar)) != values.end()) chosen = &candidate;
  }
  if (type != nullptr) what += fmt::format(" of type `{}`", type->scalar);
  check(node, *chosen, {place.path, what});
}

void Explainer::check_mapping(const Node& node, const json& schema, const Place& place) {
  if (const auto required = schema.find("required"); required != schema.end()) {
    for (const json& key : *required) {
      if (node.find(key.get_ref<const std::string&>()) != nullptr) continue;
      // The first key stands for the object: underlining all of it would hide where it is.
      const Node& shown = node.members.empty() ? node : *node.members.front().key;
      report("schema-required", Severity::error, shown, place, key.get<std::string>(),
             fmt::format("this {} has no `{}`", place.what, key.get<std::string>()),
             fmt::format("add `{}:`", key.get<std::string>()));
    }
  }
  LackingKeys lacking;
  for (const Member& member : node.members) {
    if (findings_.full(document_.file())) return;
    check_member(node, member, schema, place, lacking);
  }
}

void Explainer::check_member(const Node& map, const Member& member, const json& schema, const Place& place,
                             LackingKeys& lacking) {
  const std::string key(member.key->scalar);
  const std::string path = place.path.empty() ? key : place.path + "." + key;
  const auto properties = schema.find("properties");
  if (properties != schema.end()) {
    if (const auto property = properties->find(key); property != properties->end()) {
      const json& resolved = resolve(*property);
      std::string what =
          resolved.contains("items") ? resolve(resolved.at("items")).value("title", key) : resolved.value("title", key);
      std::transform(what.begin(), what.end(), what.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
      return check(*member.value, *property, {path, what});
    }
  }
  const auto further = schema.find("additionalProperties");
  if (further == schema.end()) return;
  if (further->is_object()) return check(*member.value, *further, {path, key});
  unknown_key(map, member, schema, place, further->get<bool>(), lacking);
}

void Explainer::unknown_key(const Node& map, const Member& member, const json& schema, const Place& place, bool free,
                            LackingKeys& lacking) {
  const std::string key(member.key->scalar);
  if (!lacking) {
    lacking = keys_of(schema);
    std::erase_if(*lacking, [&](std::string_view known) { return map.find(known) != nullptr; });
  }
  const auto likely = nearest(key, *lacking);
  // Where any key is legal, only what is nearly a known key is worth a word.
  constexpr std::size_t shortest_slip = 4;
  if (free && (!likely || key.size() < shortest_slip || edit_distance(key, *likely) > 2)) return;
  Diagnostic found;
  found.rule = "unknown-key";
  found.severity = free ? Severity::warning : Severity::error;
  found.message = place.path.empty() ? fmt::format("`{}` is not a key of the file", key)
                                     : fmt::format("`{}` is not a key of a {}", key, place.what);
  found.location = {document_.file(), document_.range(*member.key)};
  found.yaml_path = place.path.empty() ? key : place.path + "." + key;
  found.value = key;
  found.source = document_.source();
  if (likely) {
    found.help = fmt::format("did you mean `{}`?", *likely);
    found.fix = Fix{fmt::format("replace `{}` by `{}`", key, *likely), found.location.range, *likely, false};
  } else {
    found.help = fmt::format("its keys are {}", quoted(keys_of(schema)));
  }
  findings_.report(std::move(found));
  if (!free) ++reported_;
}

}  // namespace liminal::schema
