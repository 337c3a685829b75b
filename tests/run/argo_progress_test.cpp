#include "../../src/run/argo_progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/base64.hpp"
#include "liminal/base/gzip.hpp"

namespace liminal::run {
namespace {

Json workflow(const char* nodes) {
  return {{"status", {{"phase", "Running"}, {"nodes", Json::parse(nodes)}}}};
}

std::string packed(std::string_view nodes) {
  std::string bytes;
  GzipWriter writer(
      [&](std::string_view piece) -> Status {
        bytes.append(piece);
        return {};
      },
      1);
  EXPECT_TRUE(writer.write(nodes));
  EXPECT_TRUE(writer.finish());
  return base64_encode(bytes);
}

Json packed_workflow(const std::string& nodes) {
  return {{"status", {{"phase", "Running"}, {"compressedNodes", nodes}}}};
}

ArgoTask argo_task(const Json& whole, const std::string& name) {
  return argo_tasks(whole).value()[name];
}

TEST(ArgoProgress, ATaskThatArgoHasNotBegunIsNotKnown) {
  const ArgoTask task = argo_task(workflow("{}"), "load");
  EXPECT_FALSE(task.known);
  EXPECT_FALSE(task.ended);
  EXPECT_EQ(task.state, TaskState::not_run);
  EXPECT_FALSE(argo_task(Json(), "load").known);
}

TEST(ArgoProgress, APodThatSucceeded) {
  const ArgoTask task =
      argo_task(workflow(R"json({"w-1": {"id": "w-1", "displayName": "load", "type": "Pod", "phase": "Succeeded",
    "startedAt": "2026-01-31T06:00:00Z", "finishedAt": "2026-01-31T06:01:30Z", "outputs": {"exitCode": "0"}}})json"),
                "load");
  EXPECT_TRUE(task.ended);
  EXPECT_EQ(task.state, TaskState::succeeded);
  EXPECT_EQ(task.took, std::chrono::seconds{90});
  EXPECT_EQ(task.attempts, 1U);
  ASSERT_EQ(task.pods.size(), 1U);
  EXPECT_EQ(task.pods[0].node, "w-1");
  EXPECT_TRUE(task.pods[0].ran);
}

TEST(ArgoProgress, AttemptsAreCountedAndTheLastOnesExitStatusIsTheTasks) {
  const ArgoTask task = argo_task(workflow(R"json({
    "w-1": {"id": "w-1", "displayName": "load", "type": "Retry", "phase": "Failed", "message": "No more retries left"},
    "w-2": {"id": "w-2", "displayName": "load(0)", "type": "Pod", "phase": "Failed", "outputs": {"exitCode": "3"}},
    "w-3": {"id": "w-3", "displayName": "load(1)", "type": "Pod", "phase": "Failed", "outputs": {"exitCode": "3"}}})json"),
                                  "load");
  EXPECT_EQ(task.state, TaskState::failed);
  EXPECT_EQ(task.exit_status, 3);
  EXPECT_EQ(task.attempts, 2U);
  EXPECT_EQ(task.pods.size(), 2U);
}

TEST(ArgoProgress, CopiesBelongToTheTaskAndAnotherTaskOfTheSameBeginningDoesNot) {
  const ArgoTask task = argo_task(workflow(R"json({
    "w-1": {"id": "w-1", "displayName": "load", "type": "TaskGroup", "phase": "Running"},
    "w-2": {"id": "w-2", "displayName": "load(0:0)", "type": "Pod", "phase": "Running"},
    "w-3": {"id": "w-3", "displayName": "load(1:1)", "type": "Pod", "phase": "Pending", "message": "PodInitializing"},
    "w-4": {"id": "w-4", "displayName": "load-more", "type": "Pod", "phase": "Running"}})json"),
                                  "load");
  EXPECT_TRUE(task.known);
  EXPECT_TRUE(task.running);
  EXPECT_FALSE(task.ended);
  EXPECT_EQ(task.attempts, 1U);
  ASSERT_EQ(task.pods.size(), 2U);
  EXPECT_TRUE(task.pods[0].ran);
  EXPECT_FALSE(task.pods[1].ran);
}

TEST(ArgoProgress, OneLookTellsEveryTask) {
  const auto told = argo_tasks(workflow(R"json({
    "w": {"id": "w", "displayName": "train-x1", "type": "DAG", "phase": "Running"},
    "w-1": {"id": "w-1", "displayName": "load", "type": "Retry", "phase": "Succeeded"},
    "w-2": {"id": "w-2", "displayName": "load(0)", "type": "Pod", "phase": "Failed"},
    "w-3": {"id": "w-3", "displayName": "load(1)", "type": "Pod", "phase": "Succeeded"},
    "w-4": {"id": "w-4", "displayName": "fit", "type": "TaskGroup", "phase": "Running"},
    "w-5": {"id": "w-5", "displayName": "fit(2:2)(1)", "type": "Pod", "phase": "Running"}})json"));
  ASSERT_TRUE(told);
  const ArgoTasks& tasks = *told;
  ASSERT_EQ(tasks.size(), 3U);
  EXPECT_EQ(tasks.at("load").state, TaskState::succeeded);
  EXPECT_EQ(tasks.at("load").attempts, 2U);
  EXPECT_EQ(tasks.at("load").pods.size(), 2U);
  EXPECT_TRUE(tasks.at("fit").running);
  EXPECT_EQ(tasks.at("fit").attempts, 2U);
}

TEST(ArgoProgress, WhatAPodWaitsForAndATimeLimitAreTold) {
  const ArgoTask waiting = argo_task(
      workflow(
          R"json({"a": {"id": "a", "displayName": "load", "type": "Pod", "phase": "Pending", "message": "ImagePullBackOff:\nno"}})json"),
      "load");
  EXPECT_EQ(waiting.message, "ImagePullBackOff: no");
  const ArgoTask late = argo_task(
      workflow(
          R"json({"a": {"id": "a", "displayName": "load", "type": "Pod", "phase": "Failed", "message": "Step exceeded its deadline"}})json"),
      "load");
  EXPECT_EQ(late.state, TaskState::timed_out);
}

TEST(ArgoProgress, AnOmittedTaskWasNotRun) {
  const ArgoTask task = argo_task(
      workflow(R"json({"a": {"id": "a", "displayName": "load", "type": "Skipped", "phase": "Omitted"}})json"), "load");
  EXPECT_TRUE(task.ended);
  EXPECT_EQ(task.state, TaskState::not_run);
}

TEST(ArgoProgress, NodesThatArgoPackedAreUnpacked) {
  const Json whole = packed_workflow(
      packed(R"json({"w-1": {"id": "w-1", "displayName": "load", "type": "Pod", "phase": "Succeeded"}})json"));
  EXPECT_EQ(argo_task(whole, "load").state, TaskState::succeeded);
}

TEST(ArgoProgress, PackedNodesThatAreDamagedOrHugeAreAnError) {
  const std::string huge(65U << 20U, ' ');
  for (const std::string& nodes : {std::string("%"), base64_encode("no gzip"), packed("[]"), packed("{"),
                                   packed("{}").substr(0, 20), packed(huge)}) {
    const auto tasks = argo_tasks(packed_workflow(nodes));
    ASSERT_FALSE(tasks) << nodes.substr(0, 40);
    EXPECT_EQ(tasks.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(tasks.error().message, ::testing::HasSubstr("do not unpack"));
  }
}

TEST(ArgoProgress, NodesInADatabaseAreNotTasksThatWereNotRun) {
  const auto tasks = argo_tasks(Json::parse(R"json({"status": {"offloadNodeStatusVersion": "fnv:1"}})json"));
  ASSERT_FALSE(tasks);
  EXPECT_THAT(tasks.error().message, ::testing::HasSubstr("database"));
}

TEST(ArgoProgress, NonsenseIsNoStatus) {
  for (const char* nodes : {"[]", "3", R"json({"a": 3})json", R"json({"a": {"displayName": 3}})json"})
    EXPECT_FALSE(argo_task(workflow(nodes), "load").known) << nodes;
  EXPECT_EQ(phase_of(Json::parse(R"json({"status": []})json")), "");
  EXPECT_TRUE(has_ended(Json::parse(R"json({"status": {"phase": "Error"}})json")));
}

}  // namespace
}  // namespace liminal::run
