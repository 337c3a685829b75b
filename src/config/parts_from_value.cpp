#include "from_value.hpp"

namespace liminal::config {

using document::Value;

std::string text_of(const Value& object, std::string_view key) {
  const Value* value = object.find(key);
  return value == nullptr ? std::string() : value->text();
}

bool flag_of(const Value& object, std::string_view key, bool otherwise) {
  const Value* value = object.find(key);
  return value == nullptr ? otherwise : value->boolean().value_or(otherwise);
}

std::optional<std::int64_t> whole_number(const Value* value, std::int64_t least, std::int64_t most) {
  if (value == nullptr) return std::nullopt;
  const auto number = value->integer();
  return number && *number >= least && *number <= most ? number : std::nullopt;
}

std::vector<std::string> texts_of(const Value& object, std::string_view key) {
  std::vector<std::string> texts;
  if (const Value* list = object.find(key)) {
    for (const Value& item : list->items) texts.push_back(item.text());
  }
  return texts;
}

std::vector<std::pair<std::string, std::string>> pairs_of(const Value* map) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (map == nullptr) return pairs;
  for (const Value::Member& member : map->members) pairs.emplace_back(member.key, member.value.text());
  return pairs;
}

std::vector<model::Mount> mounts_from(const Value& object) {
  std::vector<model::Mount> mounts;
  const Value* list = object.find("mounts");
  if (list == nullptr) return mounts;
  for (const Value& item : list->items) {
    mounts.push_back({text_of(item, "mount"), text_of(item, "volume"), text_of(item, "path"), text_of(item, "sub_path"),
                      flag_of(item, "read_only", false), &item});
  }
  return mounts;
}

std::vector<model::SecretMount> secret_mounts_from(const Value& object) {
  std::vector<model::SecretMount> mounts;
  const Value* list = object.find("secrets");
  if (list == nullptr) return mounts;
  for (const Value& item : list->items) {
    mounts.push_back({text_of(item, "secret"), text_of(item, "remote_path"), text_of(item, "sub_path"),
                      flag_of(item, "read_only", true), &item});
  }
  return mounts;
}

std::vector<model::EnvironmentVariable> environment_from(const Value& object) {
  std::vector<model::EnvironmentVariable> variables;
  const Value* map = object.find("env_vars");
  if (map == nullptr) return variables;
  for (const Value::Member& member : map->members)
    variables.push_back({member.key, member.value.text(), member.value.origin});
  return variables;
}

std::vector<model::Endpoint> endpoints_from(const Value& object) {
  std::vector<model::Endpoint> endpoints;
  const Value* list = object.find("endpoints");
  if (list == nullptr) return endpoints;
  for (const Value& item : list->items) {
    endpoints.push_back({text_of(item, "endpoint"), text_of(item, "module"), text_of(item, "function"), &item});
  }
  return endpoints;
}

}  // namespace liminal::config
