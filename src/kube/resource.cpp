#include "liminal/kube/resource.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace liminal::kube {

namespace {

// As kubectl writes kinds: persistentvolumeclaim.
std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

auto order(const Reference& reference) {
  const bool known = reference.type != nullptr;
  return std::make_tuple(known ? reference.type->group : std::string_view(),
                         known ? reference.type->kind : std::string_view(), std::string_view(reference.namespace_name),
                         std::string_view(reference.name));
}

}  // namespace

std::string ResourceType::api_version() const {
  return group.empty() ? std::string(version) : fmt::format("{}/{}", group, version);
}

const std::vector<ResourceType>& resource_types() {
  static const std::vector<ResourceType> types{
      {"", "v1", "Namespace", "namespaces", false},
      {"", "v1", "Node", "nodes", false},
      {"", "v1", "PersistentVolume", "persistentvolumes", false},
      {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"},
      {"", "v1", "ConfigMap", "configmaps"},
      {"", "v1", "Secret", "secrets"},
      {"", "v1", "ServiceAccount", "serviceaccounts"},
      {"", "v1", "Service", "services"},
      {"", "v1", "Endpoints", "endpoints"},
      {"", "v1", "Pod", "pods"},
      {"", "v1", "Event", "events"},
      {"", "v1", "ResourceQuota", "resourcequotas"},
      {"", "v1", "LimitRange", "limitranges"},
      {"apps", "v1", "Deployment", "deployments"},
      {"apps", "v1", "ReplicaSet", "replicasets"},
      {"apps", "v1", "StatefulSet", "statefulsets"},
      {"batch", "v1", "Job", "jobs"},
      {"batch", "v1", "CronJob", "cronjobs"},
      {"storage.k8s.io", "v1", "StorageClass", "storageclasses", false},
      {"coordination.k8s.io", "v1", "Lease", "leases"},
      {"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"},
      {"authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false},
      {"authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", false},
      {"authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", false},
      {"rbac.authorization.k8s.io", "v1", "Role", "roles"},
      {"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"},
      {"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false},
      {"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false},
      {"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false},
      {"argoproj.io", "v1alpha1", "Workflow", "workflows"},
      {"argoproj.io", "v1alpha1", "WorkflowTemplate", "workflowtemplates"},
      {"argoproj.io", "v1alpha1", "CronWorkflow", "cronworkflows"},
      {"argoproj.io", "v1alpha1", "WorkflowTaskResult", "workflowtaskresults"},
  };
  return types;
}

const ResourceType* find_resource_type(std::string_view api_version, std::string_view kind) {
  const auto& types = resource_types();
  const auto found = std::find_if(types.begin(), types.end(), [&](const ResourceType& type) {
    return type.kind == kind && type.api_version() == api_version;
  });
  return found == types.end() ? nullptr : &*found;
}

const ResourceType* find_group_kind(std::string_view group_kind) {
  const auto& types = resource_types();
  const auto found = std::find_if(types.begin(), types.end(),
                                  [&](const ResourceType& type) { return kube::group_kind(type) == group_kind; });
  return found == types.end() ? nullptr : &*found;
}

std::string group_kind(const ResourceType& type) {
  return type.group.empty() ? std::string(type.kind) : fmt::format("{}.{}", type.kind, type.group);
}

std::string Reference::text() const {
  std::string kind = type == nullptr ? "object" : lower(type->kind);
  if (!name.empty()) kind += "/" + name;
  return namespace_name.empty() ? kind : fmt::format("{} in namespace {}", kind, namespace_name);
}

bool operator<(const Reference& a, const Reference& b) {
  return order(a) < order(b);
}

Reference reference_of(const Json& object) {
  Reference reference;
  reference.type = find_resource_type(text_at(object, "apiVersion"), text_at(object, "kind"));
  if (!object.is_object()) return reference;
  if (const auto metadata = object.find("metadata"); metadata != object.end()) {
    reference.name = text_at(*metadata, "name");
    if (reference.type == nullptr || reference.type->namespaced) {
      reference.namespace_name = text_at(*metadata, "namespace");
    }
  }
  return reference;
}

}  // namespace liminal::kube
