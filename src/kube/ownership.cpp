#include "liminal/kube/ownership.hpp"

#include "liminal/kube/apply_estimate.hpp"

namespace liminal::kube {

namespace {

std::string metadata_text(const Json& object, const char* group, std::string_view name) {
  const Json::json_pointer place = Json::json_pointer("/metadata") / group / std::string(name);
  return object.contains(place) && object[place].is_string() ? object[place].get<std::string>() : std::string();
}

}  // namespace

std::string whose(const Json& object) {
  if (const std::string set = metadata_text(object, "annotations", set_annotation); !set.empty())
    return "belongs to the deploy of " + set;
  if (const std::string set = metadata_text(object, "labels", part_of_label); !set.empty())
    return "belongs to the ApplySet " + set;
  const auto managers = other_managers(object, "");
  return managers.empty() ? "was made by others" : "was made by " + managers.back().manager;
}

}  // namespace liminal::kube
