#include "key_check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"

#include "from_value.hpp"
#include "type_declaration.hpp"

namespace liminal::config {

namespace {

using document::Kind;
using document::ScalarType;
using document::Value;

// One that the engine renders is not known yet.
bool is_template(const Value& value) {
  return value.is_string() && document::holds_template(value.scalar);
}

bool fits(const Value& value, std::string_view type) {
  if (type == "array") return value.is_sequence();
  if (type == "object") return value.is_mapping();
  if (value.kind != Kind::scalar) return false;
  if (is_template(value)) return true;
  if (type == "string") return value.is_string() || value.type == ScalarType::timestamp;
  if (type == "boolean") return value.boolean().has_value();
  if (type == "integer") return value.type == ScalarType::integer || value.integer();
  return type != "number" || value.number().has_value();
}

struct Spoken {
  std::string_view kind;
  std::string_view help;
};

Spoken spoken(std::string_view type) {
  if (type == "array") return {"a list", "write `[...]`"};
  if (type == "object") return {"a map", "write `{...}`"};
  if (type == "integer") return {"a whole number", "write digits alone"};
  if (type == "string") return {"a text", "put it in quotes"};
  return type == "boolean" ? Spoken{"a boolean", "write `true` or `false`"} : Spoken{"a number", "write a number"};
}

class ValueCheck {
 public:
  ValueCheck(const DeclaredKey& key, DiagnosticSink& findings) : key_(key), findings_(findings) {}

  void check(const Value& value, const Value& schema, const std::string& path) {
    const std::string type = text_of(schema, "type");
    if (!type.empty() && !fits(value, type))
      return report("schema-type", value, path, fmt::format("{} must be {}", subject(path), spoken(type).kind),
                    std::string(spoken(type).help));
    if (const Value* items = schema.find("items"); items != nullptr && items->is_mapping()) {
      for (std::size_t i = 0; i < value.items.size(); ++i)
        check(value.items[i], *items, fmt::format("{}[{}]", path, i));
    }
    if (value.kind != Kind::scalar || is_template(value)) return;
    check_allowed(value, schema, path);
    check_bounds(value, schema, path);
  }

 private:
  [[nodiscard]] std::string subject(const std::string& path) const {
    return fmt::format("{}`{}`", path.ends_with(']') ? "an item of " : "", key_.name);
  }

  void check_allowed(const Value& value, const Value& schema, const std::string& path) {
    const std::vector<std::string> allowed = texts_of(schema, "enum");
    if (allowed.empty() || std::find(allowed.begin(), allowed.end(), value.text()) != allowed.end()) return;
    const auto likely = nearest(value.text(), std::vector<std::string_view>(allowed.begin(), allowed.end()));
    report(
        "schema-value", value, path, fmt::format("{} cannot be `{}`", subject(path), value.text()),
        likely ? fmt::format("did you mean `{}`?", *likely) : fmt::format("write one of {}", fmt::join(allowed, ", ")));
  }

  void check_bounds(const Value& value, const Value& schema, const std::string& path) {
    const auto number = value.number();
    if (!number) return;
    for (const bool least : {true, false}) {
      const Value* bound = schema.find(least ? "minimum" : "maximum");
      const auto limit = bound == nullptr ? std::nullopt : bound->number();
      if (!limit || (least ? *number >= *limit : *number <= *limit)) continue;
      report("schema-value", value, path, fmt::format("{} cannot be {}", subject(path), value.text()),
             fmt::format("the {} is {}", least ? "least" : "most", bound->text()));
    }
  }

  void report(std::string rule, const Value& value, const std::string& path, std::string message, std::string help) {
    Diagnostic found =
        document::finding_at(std::move(rule), value.origin, path, key_.name, std::move(message), std::move(help));
    document::add_related(found, key_.origin, "the key is declared here");
    findings_.report(std::move(found));
  }

  const DeclaredKey& key_;
  DiagnosticSink& findings_;
};

void report_unknown(const Value::Member& member, const DeclaredType& type, const std::string& path,
                    DiagnosticSink& findings) {
  std::vector<std::string_view> names;
  for (const DeclaredKey& key : type.keys) names.push_back(key.name);
  const auto likely = nearest(member.key, names);
  const document::Origin origin = member.key_origin.node == nullptr ? member.value.origin : member.key_origin;
  findings.report(document::finding_at("unknown-key", origin, path + "." + member.key, member.key,
                                       fmt::format("`{}` is not a key of type `{}`", member.key, type.name),
                                       likely          ? fmt::format("did you mean `{}`?", *likely)
                                       : names.empty() ? "leave it out, or declare it in liminal.types.yml"
                                                       : fmt::format("its own keys are {}", fmt::join(names, ", "))));
}

}  // namespace

void check_value(const DeclaredKey& key, const Value& value, const std::string& path, DiagnosticSink& findings) {
  if (!value.is_null()) ValueCheck(key, findings).check(value, key.schema, path);
}

void check_keys(const Value& object, const DeclaredType& type, const std::string& path, DiagnosticSink& findings) {
  for (const Value::Member& member : object.members) {
    if (const DeclaredKey* key = type.find_key(member.key)) {
      check_value(*key, member.value, path + "." + member.key, findings);
    } else if (!may_be_written(type.kind, member.key)) {
      report_unknown(member, type, path, findings);
    }
  }
}

}  // namespace liminal::config
