#include "liminal/config/resolve_json.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace liminal::config {

namespace {

using document::Kind;
using document::Value;

Json sorted(const Json& value) {
  if (value.is_array()) {
    Json list = Json::array();
    for (const Json& item : value) list.push_back(sorted(item));
    return list;
  }
  if (!value.is_object()) return value;
  std::vector<std::string> keys;
  for (const auto& [key, unused] : value.items()) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  Json map = Json::object();
  for (const std::string& key : keys) map[key] = sorted(value[key]);
  return map;
}

std::string place_of(const Value& value) {
  const auto location = value.origin.location();
  return location ? fmt::format("  # {}:{}", location->file, location->range.begin.line) : std::string("  # built in");
}

// A scalar as JSON spells it, which is YAML too.
std::string scalar_text(const Value& value) {
  return value.json().dump(-1, ' ', false, Json::error_handler_t::replace);
}

void print(const Value& value, std::size_t depth, std::string& text);

void print_entry(const std::string& head, const Value& value, std::size_t depth, std::string& text) {
  if (value.kind == Kind::scalar) {
    text += fmt::format("{} {}{}\n", head, scalar_text(value), place_of(value));
  } else if (value.items.empty() && value.members.empty()) {
    text += fmt::format("{} {}\n", head, value.is_sequence() ? "[]" : "{}");
  } else {
    text += head + "\n";
    print(value, depth, text);
  }
}

void print(const Value& value, std::size_t depth, std::string& text) {
  const std::string indentation(2 * depth, ' ');
  for (const Value& item : value.items) print_entry(indentation + "-", item, depth + 1, text);
  for (const Value::Member& member : value.members) {
    print_entry(
        fmt::format("{}{}:", indentation, Json(member.key).dump(-1, ' ', false, Json::error_handler_t::replace)),
        member.value, depth + 1, text);
  }
}

}  // namespace

Json resolved_json(const std::vector<model::System>& systems) {
  Json list = Json::array();
  for (const model::System& system : systems) list.push_back(sorted(system.resolved->json()));
  return list;
}

std::string resolved_text(const std::vector<model::System>& systems) {
  std::string text;
  for (const model::System& system : systems) {
    if (!text.empty()) text += "---\n";
    print(*system.resolved, 0, text);
  }
  return text;
}

}  // namespace liminal::config
