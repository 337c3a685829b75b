#include "liminal/document/value.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "python_text.hpp"
#include "scalar_type.hpp"

namespace liminal::document {

namespace {

// Keys become unique: the last of duplicates wins, in the place of the first, as in a Python dictionary.
void fill_members(const Node& node, Value& value) {
  value.members.reserve(node.members.size());
  std::unordered_map<std::string_view, std::size_t> places;
  places.reserve(node.members.size());
  for (const Member& member : node.members) {
    const auto [place, fresh] = places.emplace(member.key->scalar, value.members.size());
    Value::Member made{std::string(member.key->scalar), Value::of(*member.value), {member.key}};
    if (fresh) {
      value.members.push_back(std::move(made));
    } else {
      value.members[place->second] = std::move(made);
    }
  }
}

}  // namespace

std::optional<Location> Origin::location() const {
  if (node == nullptr) return std::nullopt;
  return Location{node->document->file(), node->document->range(*node)};
}

std::shared_ptr<const std::string> Origin::source() const {
  return node == nullptr ? nullptr : node->document->source();
}

Diagnostic finding_at(std::string rule, const Origin& origin, std::string yaml_path, std::string value,
                      std::string message, std::string help) {
  Diagnostic found;
  found.rule = std::move(rule);
  found.message = std::move(message);
  found.help = std::move(help);
  found.yaml_path = std::move(yaml_path);
  found.value = std::move(value);
  if (auto location = origin.location()) found.location = std::move(*location);
  found.source = origin.source();
  return found;
}

void add_related(Diagnostic& finding, const Origin& origin, std::string message) {
  if (auto location = origin.location())
    finding.related.push_back({std::move(*location), std::move(message), origin.source()});
}

bool holds_template(std::string_view text) {
  return text.find("{{") != std::string_view::npos;
}

Value Value::of(const Node& node) {
  Value value;
  value.kind = node.kind;
  value.origin = {&node};
  if (node.kind == Kind::scalar) {
    value.type = node.scalar_type;
    value.scalar = node.scalar;
  }
  value.items.reserve(node.items.size());
  for (const Node* item : node.items) value.items.push_back(of(*item));
  fill_members(node, value);
  return value;
}

Value Value::string(std::string text) {
  Value value;
  value.type = ScalarType::string;
  value.scalar = std::move(text);
  return value;
}

const Value* Value::find(std::string_view key) const {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& member) { return member.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

Value& Value::set(std::string key, Value value, Origin key_origin) {
  if (Value* present = find(key)) {
    *present = std::move(value);
    return *present;
  }
  members.push_back({std::move(key), std::move(value), key_origin});
  return members.back().value;
}

bool Value::erase(std::string_view key) {
  return std::erase_if(members, [&](const Member& member) { return member.key == key; }) > 0;
}

std::optional<bool> Value::boolean() const {
  if (is_string()) return parse_boolean(scalar);
  return kind == Kind::scalar && type == ScalarType::boolean ? read_boolean(scalar) : std::nullopt;
}

std::optional<std::int64_t> Value::integer() const {
  if (is_string()) return parse_integer(scalar);
  return kind == Kind::scalar && type == ScalarType::integer ? read_integer(scalar) : std::nullopt;
}

std::optional<double> Value::number() const {
  if (kind != Kind::scalar) return std::nullopt;
  if (type == ScalarType::string) {
    if (const auto whole = parse_integer(scalar)) return static_cast<double>(*whole);
    return parse_float(scalar);
  }
  if (type == ScalarType::floating) return read_float(scalar);
  return type == ScalarType::integer ? integer_as_double(scalar) : std::nullopt;
}

std::string Value::text() const {
  return kind == Kind::scalar ? python_text(type, scalar) : std::string();
}

Json Value::json() const {
  if (kind == Kind::sequence) {
    Json list = Json::array();
    for (const Value& item : items) list.push_back(item.json());
    return list;
  }
  if (kind == Kind::mapping) {
    // Appended, since keys are unique and looking each one up again would take the square of their number.
    Json::object_t map;
    map.reserve(members.size());
    for (const Member& member : members) map.emplace_back(member.key, member.value.json());
    return map;
  }
  return python_json(type, scalar);
}

}  // namespace liminal::document
