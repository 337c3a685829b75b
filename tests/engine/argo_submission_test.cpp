#include "liminal/engine/argo_submission.hpp"

#include <gtest/gtest.h>

namespace liminal::engine {
namespace {

using namespace std::chrono;

Json deployed() {
  return Json::parse(R"({
    "metadata": {"name": "wine", "namespace": "ml", "labels": {"app.kubernetes.io/managed-by": "liminal", "applyset.kubernetes.io/part-of": "set"}},
    "spec": {
      "entrypoint": "pipeline",
      "arguments": {"parameters": [{"name": "url", "value": "none"}, {"name": "limit", "value": "10"}]},
      "templates": [
        {"name": "pipeline", "dag": {"target": "load train check", "tasks": [
          {"name": "load", "template": "task-load"},
          {"name": "train", "template": "task-train", "depends": "load.Succeeded"},
          {"name": "check", "template": "task-check", "depends": "(load.Succeeded || load.Failed) && train.Succeeded"}]}},
        {"name": "task-load"}, {"name": "task-train"}, {"name": "task-check"}]}})");
}

ArgoSubmission submission() {
  return {"wine-1", sys_days{2026y / 1 / 31} + 6h, {}, {}};
}

TEST(ArgoSubmission, AWholeRunRefersToWhatIsDeployed) {
  const auto workflow = argo_workflow(deployed(), submission());
  ASSERT_TRUE(workflow);
  EXPECT_EQ((*workflow)["kind"], "Workflow");
  EXPECT_EQ((*workflow)["metadata"]["name"], "wine-1");
  EXPECT_EQ((*workflow)["metadata"]["namespace"], "ml");
  EXPECT_EQ((*workflow)["metadata"]["annotations"][argo_scheduled_time], "2026-01-31T06:00:00Z");
  EXPECT_EQ((*workflow)["spec"], Json::parse(R"({"workflowTemplateRef": {"name": "wine"}})"));
}

TEST(ArgoSubmission, TellsADateBeyondWhatNanosecondsReach) {
  const auto workflow = argo_workflow(deployed(), {"wine-1", sys_days{9999y / 12 / 31}, {}, {}});
  ASSERT_TRUE(workflow);
  EXPECT_EQ((*workflow)["metadata"]["annotations"][argo_scheduled_time], "9999-12-31T00:00:00Z");
}

TEST(ArgoSubmission, ARunIsNoPartOfTheSetThatIsPruned) {
  const auto workflow = argo_workflow(deployed(), submission());
  ASSERT_TRUE(workflow);
  const Json& labels = (*workflow)["metadata"]["labels"];
  EXPECT_EQ(labels.size(), 2U);
  EXPECT_EQ(labels["app.kubernetes.io/managed-by"], "liminal");
  EXPECT_EQ(labels["workflows.argoproj.io/workflow-template"], "wine");
}

TEST(ArgoSubmission, APartLeavesOutTasksAndWhatIsSaidOfThem) {
  ArgoSubmission part = submission();
  part.left_out = {"load"};
  const auto workflow = argo_workflow(deployed(), part);
  ASSERT_TRUE(workflow);
  EXPECT_FALSE((*workflow)["spec"].contains("workflowTemplateRef"));
  EXPECT_EQ((*workflow)["spec"]["templates"][0]["dag"], Json::parse(R"({"target": "train check", "tasks": [
    {"name": "train", "template": "task-train"},
    {"name": "check", "template": "task-check", "depends": "train.Succeeded"}]})"));
  EXPECT_EQ((*workflow)["spec"]["templates"].size(), 4U);
}

TEST(ArgoSubmission, TheDeployedTasksAreReadWithWhatTheyWaitFor) {
  const auto graph = argo_graph(deployed());
  ASSERT_TRUE(graph);
  EXPECT_EQ(*graph, (ArgoGraph{{"load", {}}, {"train", {"load"}}, {"check", {"load", "train"}}}));
}

TEST(ArgoSubmission, ParametersTakeThePlaceOfTheDeployedOnes) {
  ArgoSubmission with = submission();
  with.params = {{"limit", "3"}};
  const auto whole = argo_workflow(deployed(), with);
  ASSERT_TRUE(whole);
  EXPECT_EQ((*whole)["spec"]["arguments"], Json::parse(R"({"parameters": [{"name": "limit", "value": "3"}]})"));
  with.left_out = {"check"};
  const auto part = argo_workflow(deployed(), with);
  ASSERT_TRUE(part);
  EXPECT_EQ((*part)["spec"]["arguments"],
            Json::parse(R"({"parameters": [{"name": "url", "value": "none"}, {"name": "limit", "value": "3"}]})"));
}

TEST(ArgoSubmission, AParameterThatIsNotDeclaredIsRefusedNamingThoseThatAre) {
  ArgoSubmission with = submission();
  with.params = {{"limt", "3"}};
  const auto workflow = argo_workflow(deployed(), with);
  ASSERT_FALSE(workflow);
  EXPECT_EQ(workflow.error().kind, ErrorKind::usage);
  EXPECT_EQ(workflow.error().message, "the deployed pipeline takes no parameter limt");
  EXPECT_EQ(workflow.error().advice, "its parameters: url, limit");
}

TEST(ArgoSubmission, ATemplateOfAnotherShapeIsAnError) {
  ArgoSubmission part = submission();
  part.left_out = {"load"};
  for (const char* text :
       {"{}", R"({"metadata": {"name": "x"}, "spec": {}})", R"({"metadata": 1, "spec": 2})",
        R"({"metadata": {"name": "x"}, "spec": {"templates": [{"name": "pipeline", "dag": {"tasks": [1]}}]}})"}) {
    const auto workflow = argo_workflow(Json::parse(text), part);
    ASSERT_FALSE(workflow) << text;
    EXPECT_EQ(workflow.error().kind, ErrorKind::failed);
    const auto graph = argo_graph(Json::parse(text));
    ASSERT_FALSE(graph) << text;
    EXPECT_EQ(graph.error().kind, ErrorKind::failed);
  }
}

}  // namespace
}  // namespace liminal::engine
