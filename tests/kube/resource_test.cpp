#include "liminal/kube/resource.hpp"

#include <set>

#include <gtest/gtest.h>

namespace liminal::kube {
namespace {

TEST(ResourceTypes, AreFoundByVersionAndKindAndByGroupAndKind) {
  std::set<std::string> seen;
  for (const ResourceType& type : resource_types()) {
    EXPECT_EQ(find_resource_type(type.api_version(), type.kind), &type);
    EXPECT_EQ(find_group_kind(group_kind(type)), &type);
    EXPECT_TRUE(seen.insert(group_kind(type)).second) << type.kind;
  }
  EXPECT_EQ(find_resource_type("apps/v1", "Deployment")->plural, "deployments");
  EXPECT_EQ(group_kind(*find_resource_type("v1", "Secret")), "Secret");
  EXPECT_EQ(group_kind(*find_resource_type("argoproj.io/v1alpha1", "Workflow")), "Workflow.argoproj.io");
  EXPECT_EQ(find_resource_type("apps/v2", "Deployment"), nullptr);
  EXPECT_EQ(find_group_kind("Deployment"), nullptr);
}

TEST(Reference, IsReadFromAnObject) {
  const auto claim = reference_of(
      Json::parse(R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data","namespace":"ml"}})"));
  EXPECT_EQ(claim.text(), "persistentvolumeclaim/data in namespace ml");
  const auto volume = reference_of(
      Json::parse(R"({"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"disk","namespace":"odd"}})"));
  EXPECT_EQ(volume.text(), "persistentvolume/disk");
  EXPECT_EQ(reference_of(Json::parse(R"({"apiVersion":"x/v1","kind":"Y"})")).type, nullptr);
  EXPECT_EQ(reference_of(Json()).type, nullptr);
  EXPECT_EQ(reference_of(Json::parse(R"({"apiVersion":1,"metadata":3})")).name, "");
}

TEST(Reference, IsOrderedByGroupKindNamespaceAndName) {
  const auto of = [](std::string_view version, std::string_view kind, std::string space, std::string name) {
    return Reference{find_resource_type(version, kind), std::move(space), std::move(name)};
  };
  EXPECT_LT(of("v1", "Secret", "z", "z"), of("apps/v1", "Deployment", "a", "a"));
  EXPECT_LT(of("v1", "ConfigMap", "z", "z"), of("v1", "Secret", "a", "a"));
  EXPECT_LT(of("v1", "Secret", "a", "z"), of("v1", "Secret", "b", "a"));
  EXPECT_FALSE(of("v1", "Secret", "a", "a") < of("v1", "Secret", "a", "a"));
}

}  // namespace
}  // namespace liminal::kube
