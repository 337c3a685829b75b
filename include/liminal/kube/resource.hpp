// Kinds of Kubernetes objects, and names of objects.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/json.hpp"

namespace liminal::kube {

// What the API calls a resource: where objects of a kind live.
struct ResourceType {
  std::string_view group;  // empty: the core group
  std::string_view version;
  std::string_view kind;    // Deployment
  std::string_view plural;  // deployments
  bool namespaced = true;

  [[nodiscard]] std::string api_version() const;  // apps/v1, v1
};

// Every kind that this program makes or reads; no discovery is needed for them. Pointers into it stay valid.
[[nodiscard]] const std::vector<ResourceType>& resource_types();
// Null when this program does not know the kind.
[[nodiscard]] const ResourceType* find_resource_type(std::string_view api_version, std::string_view kind);
// Of the group's objects without a version, as ApplySet annotations write it: Kind.group, or Kind of the core group.
[[nodiscard]] const ResourceType* find_group_kind(std::string_view group_kind);
[[nodiscard]] std::string group_kind(const ResourceType& type);

struct Reference {
  const ResourceType* type = nullptr;
  std::string namespace_name;  // empty for kinds without namespaces
  std::string name;

  // For people: deployment/NAME in namespace NS.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Reference&, const Reference&) = default;
  friend bool operator<(const Reference& a, const Reference& b);  // by group, kind, namespace, name
};

// Of an object's own apiVersion, kind and metadata. `type` is null when the kind is not known.
[[nodiscard]] Reference reference_of(const Json& object);

}  // namespace liminal::kube
