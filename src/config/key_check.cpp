#include "key_check.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"

#include "from_value.hpp"
#include "type_declaration.hpp"

namespace liminal::config {

namespace {

using document::Kind;
using document::ScalarType;
using document::Value;

bool fits(const Value& value, std::string_view type) {
  if (type == "array") return value.is_sequence();
  if (type == "object") return value.is_mapping();
  if (value.kind != Kind::scalar) return false;
  const bool text = value.is_string();
  // A rendered placeholder is text, and one that the engine renders is not known yet.
  if (text && value.scalar.find("{{") != std::string::npos) return true;
  if (type == "string") return text || value.type == ScalarType::timestamp;
  if (type == "boolean") return value.boolean() || (text && document::parse_boolean(value.scalar));
  if (type == "integer")
    return value.type == ScalarType::integer || (text && document::parse_integer(value.scalar).has_value());
  if (type == "number")
    return value.number() || (text && (document::parse_float(value.scalar) || document::parse_integer(value.scalar)));
  return true;
}

std::string_view spoken(std::string_view type) {
  if (type == "array") return "a list";
  if (type == "object") return "a map";
  if (type == "integer") return "a whole number";
  if (type == "string") return "a text";
  return type == "boolean" ? "a boolean" : "a number";
}

class KeyCheck {
 public:
  KeyCheck(const DeclaredType& type, std::string path, DiagnosticSink& findings)
      : type_(type), path_(std::move(path)), findings_(findings) {}

  void value(const DeclaredKey& key, const Value& value) {
    const std::string type = text_of(key.schema, "type");
    if (!type.empty() && !fits(value, type))
      return report("schema-type", value.origin, key, fmt::format("`{}` must be {}", key.name, spoken(type)),
                    fmt::format("write {}", spoken(type)));
    if (value.kind != Kind::scalar || value.scalar.find("{{") != std::string::npos) return;
    const std::vector<std::string> allowed = texts_of(key.schema, "enum");
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), value.text()) == allowed.end()) {
      const std::vector<std::string_view> words(allowed.begin(), allowed.end());
      const auto likely = nearest(value.text(), words);
      report("schema-value", value.origin, key, fmt::format("`{}` cannot be `{}`", key.name, value.text()),
             likely ? fmt::format("did you mean `{}`?", *likely)
                    : fmt::format("write one of {}", fmt::join(allowed, ", ")));
    }
    const auto number = value.number();
    if (!number) return;
    for (const bool least : {true, false}) {
      const Value* bound = key.schema.find(least ? "minimum" : "maximum");
      const auto limit = bound == nullptr ? std::nullopt : bound->number();
      if (!limit || (least ? *number >= *limit : *number <= *limit)) continue;
      report("schema-value", value.origin, key, fmt::format("`{}` cannot be {}", key.name, value.text()),
             fmt::format("the {} is {}", least ? "least" : "most", bound->text()));
    }
  }

  void unknown(const Value::Member& member) {
    std::vector<std::string_view> names;
    for (const DeclaredKey& key : type_.keys) names.push_back(key.name);
    const auto likely = nearest(member.key, names);
    const document::Origin origin = member.key_origin.node == nullptr ? member.value.origin : member.key_origin;
    Diagnostic found = declaration_finding(
        "unknown-key", origin, member.key, fmt::format("`{}` is not a key of type `{}`", member.key, type_.name),
        likely          ? fmt::format("did you mean `{}`?", *likely)
        : names.empty() ? "leave it out, or declare it in liminal.types.yml"
                        : fmt::format("its own keys are {}", fmt::join(names, ", ")));
    found.yaml_path = path_ + "." + member.key;
    findings_.report(std::move(found));
  }

 private:
  void report(std::string rule, const document::Origin& origin, const DeclaredKey& key, std::string message,
              std::string help) {
    Diagnostic found = declaration_finding(std::move(rule), origin, key.name, std::move(message), std::move(help));
    found.yaml_path = path_ + "." + key.name;
    document::add_related(found, key.origin, "the key is declared here");
    findings_.report(std::move(found));
  }

  const DeclaredType& type_;
  std::string path_;
  DiagnosticSink& findings_;
};

}  // namespace

void check_keys(const Value& object, const DeclaredType& type, const std::string& path, DiagnosticSink& findings) {
  KeyCheck check(type, path, findings);
  for (const Value::Member& member : object.members) {
    if (const DeclaredKey* key = type.find_key(member.key)) {
      if (!member.value.is_null()) check.value(*key, member.value);
    } else if (type.kind != DeclaredType::Kind::executor && !may_be_written(type.kind, member.key)) {
      // What an executor's engine takes, the engine knows.
      check.unknown(member);
    }
  }
}

}  // namespace liminal::config
