// A value after inheritance, defaults and variables: owned, changeable, and still knowing the place it came from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "liminal/base/json.hpp"
#include "liminal/document/document.hpp"

namespace liminal::document {

// The place in a file that a value came from. Null node: built in, in no file.
struct Origin {
  const Node* node = nullptr;
  [[nodiscard]] std::optional<Location> location() const;
  [[nodiscard]] std::shared_ptr<const std::string> source() const;
};

// An error about a value, at its place where it came from a file.
[[nodiscard]] Diagnostic finding_at(std::string rule, const Origin& origin, std::string yaml_path, std::string value,
                                    std::string message, std::string help);

// Adds the place of a value as one that explains a finding; nothing where the value came from no file.
void add_related(Diagnostic& finding, const Origin& origin, std::string message);

// Whether a text holds {{ }}, which is rendered later: what it will be is not known yet.
[[nodiscard]] bool holds_template(std::string_view text);

struct Value {
  struct Member;

  Kind kind = Kind::scalar;
  ScalarType type = ScalarType::null;  // of a scalar
  std::string scalar;                  // its text as written (decoded); a rendered placeholder is of type string
  std::vector<Value> items;
  std::vector<Member> members;  // in order; keys are unique
  Origin origin;

  [[nodiscard]] static Value of(const Node& node);
  [[nodiscard]] static Value string(std::string text);

  [[nodiscard]] bool is_null() const { return kind == Kind::scalar && type == ScalarType::null; }
  [[nodiscard]] bool is_string() const { return kind == Kind::scalar && type == ScalarType::string; }
  [[nodiscard]] bool is_mapping() const { return kind == Kind::mapping; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::sequence; }

  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
  Value& set(std::string key, Value value, Origin key_origin = {});
  bool erase(std::string_view key);

  // A scalar as Python's str() of what PyYAML makes of it: True, 0.25, 1970-01-01; empty for null, lists and maps.
  [[nodiscard]] std::string text() const;
  // What the scalar says, also where it is a text that says it: a rendered placeholder is one.
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<double> number() const;
  // As JSON: numbers and booleans as such, dates as ISO strings, members in order.
  [[nodiscard]] Json json() const;
};

struct Value::Member {
  std::string key;
  Value value;
  Origin key_origin;
};

}  // namespace liminal::document
