// What an apply would change, from managedFields alone; kubernetes_test.py of the end-to-end tests holds it against a
// real server's dry run.
#include "liminal/kube/apply_estimate.hpp"

#include <gmock/gmock.h>

namespace liminal::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Json entry(const std::string& manager, const std::string& operation, const Json& fields) {
  return {{"manager", manager}, {"operation", operation}, {"time", "2026-11-25T00:00:00Z"}, {"fieldsV1", fields}};
}

// A Deployment as a server keeps it: with defaults, and one manager's fields.
Json live_deployment() {
  Json live = Json::parse(R"({
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "default", "labels": {"app": "web"}, "uid": "u", "resourceVersion": "7"},
    "spec": {"replicas": 2, "progressDeadlineSeconds": 600,
      "selector": {"matchLabels": {"app": "web"}},
      "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [
        {"name": "server", "image": "web:1", "imagePullPolicy": "IfNotPresent", "args": ["a", "b"],
         "env": [{"name": "A", "value": "1"}, {"name": "B"}],
         "ports": [{"containerPort": 80, "protocol": "TCP"}],
         "resources": {"limits": {"cpu": "1"}}}]}}}})");
  live["metadata"]["managedFields"] = Json::array({entry("liminal", "Apply", Json::parse(R"({
    "f:metadata": {"f:labels": {"f:app": {}}},
    "f:spec": {"f:replicas": {}, "f:selector": {},
      "f:template": {"f:metadata": {"f:labels": {"f:app": {}}}, "f:spec": {"f:containers": {
        "k:{\"name\":\"server\"}": {".": {}, "f:name": {}, "f:image": {}, "f:args": {},
          "f:env": {"k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}},
                    "k:{\"name\":\"B\"}": {".": {}, "f:name": {}, "f:value": {}}},
          "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}},
          "f:resources": {"f:limits": {"f:cpu": {}}}}}}}}})"))});
  return live;
}

Json desired_deployment() {
  return Json::parse(R"({
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "default", "labels": {"app": "web"}},
    "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
      "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [
        {"name": "server", "image": "web:1", "args": ["a", "b"],
         "env": [{"name": "A", "value": "1"}, {"name": "B", "value": ""}],
         "ports": [{"containerPort": 80}], "resources": {"limits": {"cpu": "1000m"}}}]}}}})");
}

Json& container(Json& deployment) {
  return deployment["spec"]["template"]["spec"]["containers"][0];
}

std::vector<std::string> paths(const std::vector<FieldChange>& changes) {
  std::vector<std::string> result;
  for (const FieldChange& change : changes) result.push_back(change.path);
  return result;
}

std::vector<std::string> changed(const Json& desired, const Json& live) {
  return paths(estimate_apply(desired, live, "liminal"));
}

TEST(ApplyEstimate, DefaultsEmptyValuesAndOtherSpellingsAreNoChange) {
  EXPECT_THAT(changed(desired_deployment(), live_deployment()), IsEmpty());
}

TEST(ApplyEstimate, AnItemOfAListIsFoundByItsKeyWhereverItStands) {
  Json desired = desired_deployment();
  std::swap(container(desired)["env"][0], container(desired)["env"][1]);
  EXPECT_THAT(changed(desired, live_deployment()), IsEmpty());
  container(desired)["env"][1]["value"] = "2";
  EXPECT_THAT(changed(desired, live_deployment()),
              ElementsAre(R"(.spec.template.spec.containers[name="server"].env[name="A"].value)"));
}

TEST(ApplyEstimate, TellsBothValuesOfAChange) {
  Json desired = desired_deployment();
  container(desired)["image"] = "web:2";
  const auto changes = estimate_apply(desired, live_deployment(), "liminal");
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].kind, FieldChange::Kind::change);
  EXPECT_EQ(changes[0].before, "web:1");
  EXPECT_EQ(changes[0].after, "web:2");
  EXPECT_THAT(changes[0].conflicts, IsEmpty());
}

TEST(ApplyEstimate, AListWithoutKeysChangesAsAWhole) {
  Json desired = desired_deployment();
  container(desired)["args"] = Json::array({"b", "a"});
  EXPECT_THAT(changed(desired, live_deployment()),
              ElementsAre(R"(.spec.template.spec.containers[name="server"].args)"));
}

TEST(ApplyEstimate, WhatIsNoLongerSetGoes) {
  Json desired = desired_deployment();
  container(desired)["env"].erase(0);
  container(desired).erase("args");
  const auto changes = estimate_apply(desired, live_deployment(), "liminal");
  EXPECT_THAT(paths(changes), ElementsAre(R"(.spec.template.spec.containers[name="server"].env[name="A"])",
                                          R"(.spec.template.spec.containers[name="server"].args)"));
  EXPECT_EQ(changes[1].kind, FieldChange::Kind::remove);
}

TEST(ApplyEstimate, WhatAnotherManagerOwnsTooStays) {
  Json live = live_deployment();
  live["metadata"]["managedFields"].push_back(
      entry("kubectl", "Apply", {{"f:spec", {{"f:replicas", Json::object()}}}}));
  Json desired = desired_deployment();
  desired["spec"].erase("replicas");
  EXPECT_THAT(changed(desired, live), IsEmpty());
}

TEST(ApplyEstimate, NamesWhoeverElseOwnsAFieldThatWouldChange) {
  Json live = live_deployment();
  live["spec"]["replicas"] = 5;
  live["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"].erase("f:replicas");
  live["metadata"]["managedFields"].push_back(
      entry("kubectl-edit", "Update", {{"f:spec", {{"f:replicas", Json::object()}}}}));
  const auto changes = estimate_apply(desired_deployment(), live, "liminal");
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].path, ".spec.replicas");
  ASSERT_THAT(changes[0].conflicts, SizeIs(1));
  EXPECT_EQ(changes[0].conflicts[0].manager, "kubectl-edit");
}

TEST(ApplyEstimate, FieldsAndItemsOfOthersAreLeftAlone) {
  Json live = live_deployment();
  container(live)["env"].push_back({{"name", "INJECTED"}, {"value", "x"}});
  live["metadata"]["annotations"] = {{"deployment.kubernetes.io/revision", "1"}};
  EXPECT_THAT(changed(desired_deployment(), live), IsEmpty());
}

TEST(ApplyEstimate, AMapOwnedAsAWholeHasNoMembersButOurs) {
  Json live = live_deployment();
  live["spec"]["selector"]["matchLabels"]["tier"] = "front";
  Json desired = desired_deployment();
  desired["spec"]["selector"]["matchLabels"]["app"] = "other";
  EXPECT_THAT(changed(desired, live), ElementsAre(".spec.selector"));
}

TEST(ApplyEstimate, AMapThatIsOneValueIsComparedWholeWhoeverOwnsIt) {
  Json live = live_deployment();
  live["spec"]["selector"]["matchLabels"]["tier"] = "front";
  EXPECT_THAT(changed(desired_deployment(), live), ElementsAre(".spec.selector"));
  Json& fields = live["metadata"]["managedFields"];
  fields[0]["fieldsV1"]["f:spec"].erase("f:selector");
  fields.push_back(entry("ops", "Update", {{"f:spec", {{"f:selector", Json::object()}}}}));
  const auto changes = estimate_apply(desired_deployment(), live, "liminal");
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].path, ".spec.selector");
  ASSERT_THAT(changes[0].conflicts, SizeIs(1));
  EXPECT_EQ(changes[0].conflicts[0].manager, "ops");
  EXPECT_FALSE(changes[0].own);
  // Of a map of which somebody owns a member, each has its own.
  fields.back()["fieldsV1"]["f:spec"]["f:selector"] = {{"f:matchLabels", {{"f:tier", Json::object()}}}};
  EXPECT_THAT(changed(desired_deployment(), live), IsEmpty());
}

// Who applied `resources: {}` owns no limit in it.
TEST(ApplyEstimate, AMapThatAnotherSetToNothingHasItsMembersFromOthers) {
  Json live = live_deployment();
  live["metadata"]["managedFields"].push_back(entry("other", "Apply", {{"f:spec", Json::object()}}));
  Json desired = desired_deployment();
  container(desired)["image"] = "web:2";
  container(desired)["env"].erase(1);
  const auto changes = estimate_apply(desired, live, "liminal");
  EXPECT_THAT(paths(changes), ElementsAre(".spec.template.spec.containers[name=\"server\"].image",
                                          ".spec.template.spec.containers[name=\"server\"].env[name=\"B\"]"));
  for (const FieldChange& change : changes) EXPECT_THAT(change.conflicts, IsEmpty()) << change.path;
}

// A custom resource with templates that are owned as a whole, as Argo's definitions have them.
Json live_workflow() {
  Json live = Json::parse(R"({
    "apiVersion": "argoproj.io/v1alpha1", "kind": "WorkflowTemplate", "metadata": {"name": "wine", "namespace": "ml"},
    "spec": {"entrypoint": "pipeline", "templates": [
      {"name": "task-load", "retryStrategy": {"limit": "3"}, "suspend": {},
       "container": {"image": "load:1", "args": [], "env": [{"name": "A", "value": ""}],
         "ports": [{"containerPort": 80, "protocol": "TCP"}],
         "envFrom": [{"secretRef": {"name": ""}}], "resources": {"limits": {"cpu": "1"}}}}]}})");
  live["metadata"]["managedFields"] =
      Json::array({entry("liminal", "Apply", Json::parse(R"({"f:spec": {"f:entrypoint": {}, "f:templates": {}}})"))});
  return live;
}

Json desired_workflow() {
  Json desired = live_workflow();
  desired["metadata"].erase("managedFields");
  return desired;
}

TEST(ApplyEstimate, ACustomResourceIsUnchangedWhenOnlyItsDefinitionFilledIn) {
  EXPECT_THAT(changed(desired_workflow(), live_workflow()), IsEmpty());
  Json desired = desired_workflow();
  Json& container = desired["spec"]["templates"][0]["container"];
  container["ports"][0].erase("protocol");
  container["envFrom"][0]["secretRef"].erase("name");
  container["resources"]["limits"]["cpu"] = "1000m";
  EXPECT_THAT(changed(desired, live_workflow()), IsEmpty());
}

TEST(ApplyEstimate, WhatIsTakenOutOfAnItemOfAWholeListOfACustomResourceIsAChange) {
  for (const char* gone : {"/retryStrategy", "/retryStrategy/limit", "/suspend", "/container/args",
                           "/container/env/0/value", "/container/resources"}) {
    Json desired = desired_workflow();
    const Json::json_pointer place(gone);
    desired["spec"]["templates"][0][place.parent_pointer()].erase(place.back());
    EXPECT_THAT(changed(desired, live_workflow()), ElementsAre(".spec.templates")) << gone;
  }
}

TEST(ApplyEstimate, WhatIsPutIntoAnItemOfACustomResourceIsAChangeWhenItIsEmptyToo) {
  Json desired = desired_workflow();
  desired["spec"]["templates"][0]["retryStrategy"]["backoff"] = Json::object();
  EXPECT_THAT(changed(desired, live_workflow()), ElementsAre(".spec.templates"));
}

TEST(ApplyEstimate, AMapOfACustomResourceThatIsOwnedAsAWholeIsComparedInItsDepth) {
  Json live = live_workflow();
  live["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"] = Json::object();
  EXPECT_THAT(changed(desired_workflow(), live), IsEmpty());
  Json desired = desired_workflow();
  desired["spec"]["templates"][0].erase("retryStrategy");
  EXPECT_THAT(changed(desired, live), ElementsAre(".spec"));
}

TEST(ApplyEstimate, AnItemOfAWholeListOfABuiltInKindMayHoldDefaults) {
  Json desired = desired_deployment();
  Json live = live_deployment();
  const Json sources = Json::parse(R"([{"serviceAccountToken": {"path": "token"}}])");
  desired["spec"]["template"]["spec"]["sources"] = sources;
  live["spec"]["template"]["spec"]["sources"] = sources;
  live["spec"]["template"]["spec"]["sources"][0]["serviceAccountToken"]["expirationSeconds"] = 3600;
  EXPECT_THAT(changed(desired, live), IsEmpty());
}

TEST(ApplyEstimate, AnObjectWithoutManagedFieldsIsComparedByValueAlone) {
  Json live = live_deployment();
  live["metadata"].erase("managedFields");
  Json desired = desired_deployment();
  desired["spec"]["replicas"] = 3;
  EXPECT_THAT(changed(desired, live), ElementsAre(".spec.replicas"));
}

TEST(ApplyEstimate, HostileManagedFieldsAreSurvived) {
  for (const char* fields : {"null", "[]", "7", R"("f:spec")", R"({"f:spec": null})", R"({"f:spec": {"k:{": {}}})",
                             R"({"f:spec": {"f:template": [1]}})"}) {
    Json live = live_deployment();
    live["metadata"]["managedFields"][0]["fieldsV1"] = Json::parse(fields);
    static_cast<void>(estimate_apply(desired_deployment(), live, "liminal"));
    live["metadata"]["managedFields"] = Json::parse(fields);
    static_cast<void>(estimate_apply(desired_deployment(), live, "liminal"));
  }
}

std::string seen_text(const Json& desired, const Json& live) {
  std::string text;
  for (const SeenField& field : seen_fields(desired, live, "liminal")) {
    text += field.path + "=" + field.value.dump();
    for (const FieldOwner& owner : field.owners) text += " " + owner.manager;
    text += "\n";
  }
  return text;
}

TEST(ApplyEstimate, SeesWhatIsSetAndWhoOwnsIt) {
  Json desired = desired_deployment();
  desired["spec"]["paused"] = true;
  container(desired)["env"].erase(1);
  const std::string text = seen_text(desired, live_deployment());
  for (const char* line : {".spec.replicas=2 liminal\n", ".spec.paused=null\n", ".image=\"web:1\" liminal\n",
                           ".args=[\"a\",\"b\"] liminal\n", "env[name=\"B\"]={\"name\":\"B\"} liminal\n"})
    EXPECT_THAT(text, ::testing::HasSubstr(line));
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("progressDeadline"))) << "the server filled it in";
}

TEST(ApplyEstimate, SeesTheSameWhateverOthersDoWithTheirOwn) {
  Json live = live_deployment();
  const std::string before = seen_text(desired_deployment(), live);
  live["status"] = {{"replicas", 7}};
  live["metadata"]["resourceVersion"] = "8";
  live["metadata"]["annotations"] = {{"team", "blue"}};
  container(live)["terminationMessagePath"] = "/other";
  live["metadata"]["managedFields"].push_back(
      entry("kubectl", "Update", {{"f:metadata", {{"f:annotations", {{"f:team", Json::object()}}}}}}));
  EXPECT_EQ(seen_text(desired_deployment(), live), before);
  live["metadata"]["managedFields"].push_back(
      entry("kubectl", "Update", {{"f:spec", {{"f:replicas", Json::object()}}}}));
  EXPECT_THAT(seen_text(desired_deployment(), live), ::testing::HasSubstr(".spec.replicas=2 kubectl liminal\n"));
}

TEST(ApplyEstimate, ALabelIsOursOnlyWhenWeAppliedIt) {
  EXPECT_TRUE(owns_label(live_deployment(), "liminal", "app"));
  EXPECT_FALSE(owns_label(live_deployment(), "liminal", "tier"));
  Json live = live_deployment();
  live["metadata"]["managedFields"][0]["manager"] = "kubectl";
  EXPECT_FALSE(owns_label(live, "liminal", "app"));
}

}  // namespace
}  // namespace liminal::kube
