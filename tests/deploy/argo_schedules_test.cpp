// What a server's own description tells of CronWorkflows.
#include "argo_schedules.hpp"

#include <gtest/gtest.h>

namespace liminal::deploy {
namespace {

Json openapi(const Json& spec) {
  const auto schema = [](const char* kind, const Json& of_spec) {
    return Json{{"properties", {{"spec", of_spec}}},
                {"x-kubernetes-group-version-kind", Json::array({{{"group", "argoproj.io"}, {"kind", kind}}})}};
  };
  const Json other = {{"properties", {{"schedules", Json::object()}}}};
  return {{"components", {{"schemas", {{"a", schema("Workflow", other)}, {"b", schema("CronWorkflow", spec)}}}}}};
}

TEST(ArgoSchedules, AreAListWhereTheDefinitionOfCronWorkflowsSaysSo) {
  EXPECT_EQ(knows_schedules(openapi({{"properties", {{"schedule", Json::object()}, {"schedules", Json::object()}}}})),
            true);
  EXPECT_EQ(knows_schedules(openapi({{"properties", {{"schedule", Json::object()}}}})), false);
}

TEST(ArgoSchedules, AreNotKnownFromADefinitionWithoutFields) {
  EXPECT_EQ(knows_schedules(openapi({{"x-kubernetes-preserve-unknown-fields", true}})), std::nullopt);
  EXPECT_EQ(knows_schedules(Json::array()), std::nullopt);
  EXPECT_EQ(knows_schedules(nullptr), std::nullopt);
}

}  // namespace
}  // namespace liminal::deploy
