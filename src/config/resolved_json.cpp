#include <algorithm>

#include "liminal/config/resolved.hpp"

namespace liminal::config {

namespace {

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

}  // namespace

Json resolved_json(const std::vector<model::System>& systems) {
  Json list = Json::array();
  for (const model::System& system : systems) list.push_back(sorted(system.resolved->json()));
  return list;
}

}  // namespace liminal::config
