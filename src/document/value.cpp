#include "liminal/document/value.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "scalar_type.hpp"

namespace liminal::document {

namespace {

// Python's repr of a float: the shortest digits that read back as the same number, always with a dot or an exponent.
std::string python_float(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  const double magnitude = std::fabs(number);
  if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e16)) return fmt::format("{}", number);
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

std::optional<Location> Origin::location() const {
  if (node == nullptr) return std::nullopt;
  return Location{node->document->file(), node->document->range(*node)};
}

std::shared_ptr<const std::string> Origin::source() const {
  return node == nullptr ? nullptr : node->document->source();
}

void add_related(Diagnostic& finding, const Origin& origin, std::string message) {
  if (auto location = origin.location())
    finding.related.push_back({std::move(*location), std::move(message), origin.source()});
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
  value.members.reserve(node.members.size());
  // Of a key that stands twice, the last counts. Not by `set`, which looks through all members each time.
  std::unordered_map<std::string_view, std::size_t> places;
  for (const document::Member& member : node.members) {
    const auto [place, fresh] = places.emplace(member.key->scalar, value.members.size());
    if (fresh) {
      value.members.push_back({std::string(member.key->scalar), of(*member.value), {member.key}});
    } else {
      value.members[place->second].value = of(*member.value);
    }
  }
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
  return kind == Kind::scalar && type == ScalarType::boolean ? read_boolean(scalar) : std::nullopt;
}

std::optional<std::int64_t> Value::integer() const {
  return kind == Kind::scalar && type == ScalarType::integer ? read_integer(scalar) : std::nullopt;
}

std::optional<double> Value::number() const {
  if (kind != Kind::scalar) return std::nullopt;
  if (type == ScalarType::floating) return read_float(scalar);
  if (const auto whole = integer()) return static_cast<double>(*whole);
  return std::nullopt;
}

std::string Value::text() const {
  if (kind != Kind::scalar) return {};
  switch (type) {
    case ScalarType::null:
      return {};
    case ScalarType::boolean:
      return boolean().value_or(false) ? "True" : "False";
    case ScalarType::integer:
      if (const auto whole = integer()) return fmt::format("{}", *whole);
      return scalar;
    case ScalarType::floating:
      if (const auto real = number()) return python_float(*real);
      return scalar;
    default:
      return scalar;
  }
}

Json Value::json() const {
  if (kind == Kind::sequence) {
    Json list = Json::array();
    for (const Value& item : items) list.push_back(item.json());
    return list;
  }
  if (kind == Kind::mapping) {
    Json map = Json::object();
    for (const Member& member : members) map[member.key] = member.value.json();
    return map;
  }
  if (type == ScalarType::null) return nullptr;
  if (const auto flag = boolean()) return *flag;
  if (const auto whole = integer()) return *whole;
  if (const auto real = number(); real && std::isfinite(*real)) return *real;
  return text();
}

}  // namespace liminal::document
