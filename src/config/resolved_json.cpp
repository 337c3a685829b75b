#include <map>
#include <string_view>

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
  std::map<std::string_view, const Json*> members;
  for (const auto& [key, member] : value.items()) members.emplace(key, &member);
  // Appended, since looking each key up would take the square of their number.
  Json::object_t map;
  map.reserve(members.size());
  for (const auto& [key, member] : members) map.emplace_back(std::string(key), sorted(*member));
  return map;
}

}  // namespace

Json resolved_json(const std::vector<model::System>& systems) {
  Json list = Json::array();
  for (const model::System& system : systems) list.push_back(sorted(system.resolved->json()));
  return list;
}

}  // namespace liminal::config
