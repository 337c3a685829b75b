// What a Deployment and its pods say of themselves, and what is made of it.
#include "readiness.hpp"

#include <gmock/gmock.h>

namespace liminal::deploy {
namespace {

using ::testing::HasSubstr;

Json deployment(int updated, int available, int all = 2) {
  return {
      {"metadata", {{"generation", 2}}},
      {"spec", {{"replicas", 2}, {"selector", {{"matchLabels", {{"app", "web"}}}}}}},
      {"status",
       {{"observedGeneration", 2}, {"replicas", all}, {"updatedReplicas", updated}, {"availableReplicas", available}}}};
}

Json pod(const std::string& reason, const std::string& message = "", int restarts = 0) {
  return {{"metadata", {{"name", "web-1"}, {"labels", {{"app", "web"}}}}},
          {"status",
           {{"containerStatuses", Json::array({{{"name", "server"},
                                                {"restartCount", restarts},
                                                {"state", {{"waiting", {{"reason", reason}, {"message", message}}}}},
                                                {"lastState", {{"terminated", {{"exitCode", 7}}}}}}})}}}};
}

TEST(Readiness, IsThereWhenEachReplicaIsUpdatedAndAvailableAndNoOldOneIsLeft) {
  EXPECT_TRUE(readiness_of(deployment(2, 2), {}).ready);
  EXPECT_FALSE(readiness_of(deployment(1, 2), {}).ready);
  EXPECT_FALSE(readiness_of(deployment(2, 1), {}).ready);
  EXPECT_FALSE(readiness_of(deployment(2, 2, 3), {}).ready);
}

TEST(Readiness, AnOldPodThatStillServesIsNotCountedAsANewOne) {
  EXPECT_EQ(readiness_of(deployment(2, 2, 4), {}).text, "0 of 2 ready, 2 old to end");
  EXPECT_EQ(readiness_of(deployment(2, 3, 4), {}).text, "1 of 2 ready, 2 old to end");
  EXPECT_EQ(readiness_of(deployment(1, 0, 2), {}).text, "0 of 2 ready, 1 old to end");
}

TEST(Readiness, WhatTheControllerHasNotSeenIsNotReady) {
  Json unseen = deployment(2, 2);
  unseen["metadata"]["generation"] = 3;
  EXPECT_FALSE(readiness_of(unseen, {}).ready);
  EXPECT_FALSE(readiness_of(Json::object(), {}).hopeless);
}

TEST(Readiness, AnImageThatIsNotThereIsHopelessAndATimeOutOfItsRegistryIsNot) {
  const Readiness gone = readiness_of(deployment(1, 0), {pod("ErrImagePull", "manifest unknown: x")});
  EXPECT_TRUE(gone.hopeless);
  EXPECT_EQ(gone.pod, "web-1");
  EXPECT_THAT(gone.text, HasSubstr("pod web-1: ErrImagePull: manifest unknown"));
  EXPECT_FALSE(readiness_of(deployment(1, 0), {pod("ErrImagePull", "i/o timeout")}).hopeless);
}

TEST(Readiness, AContainerThatEndsAgainAndAgainIsHopelessAndHasLogs) {
  EXPECT_FALSE(readiness_of(deployment(1, 0), {pod("CrashLoopBackOff", "", 1)}).hopeless);
  const Readiness ended = readiness_of(deployment(1, 0), {pod("CrashLoopBackOff", "", 3)});
  EXPECT_TRUE(ended.hopeless);
  EXPECT_TRUE(ended.has_logs);
  EXPECT_THAT(ended.text, HasSubstr("ended 3 times, last with exit status 7"));
}

TEST(Readiness, PodsOfOthersSayNothing) {
  Json other = pod("ErrImageNeverPull");
  other["metadata"]["labels"]["app"] = "other";
  EXPECT_FALSE(readiness_of(deployment(1, 0), {other}).hopeless);
}

TEST(Readiness, WhatThePodsBeforeDidIsNoNews) {
  const auto of = [](Json pod, const char* hash, const char* made) {
    pod["metadata"]["labels"]["pod-template-hash"] = hash;
    pod["metadata"]["creationTimestamp"] = made;
    return pod;
  };
  const Json old = of(pod("ErrImagePull", "manifest unknown"), "old", "2026-01-01T00:00:00Z");
  const Json fresh = of(pod("ContainerCreating"), "new", "2026-01-01T00:01:00Z");
  EXPECT_TRUE(readiness_of(deployment(1, 0), {old}).hopeless);
  EXPECT_FALSE(readiness_of(deployment(0, 0), {old}).hopeless) << "no new pod is there yet";
  EXPECT_FALSE(readiness_of(deployment(1, 0), {old, fresh}).hopeless);
  EXPECT_EQ(readiness_of(deployment(1, 0), {old, fresh}).pod, "");
  Json unseen = deployment(1, 0);
  unseen["metadata"]["generation"] = 3;
  unseen["status"]["conditions"] =
      Json::array({{{"type", "ReplicaFailure"}, {"status", "True"}, {"message", "exceeded quota: small"}}});
  EXPECT_FALSE(readiness_of(unseen, {old}).hopeless) << "the controller has not looked at it yet";
  Json ending = old;
  ending["metadata"]["deletionTimestamp"] = "2026-01-01T00:02:00Z";
  EXPECT_FALSE(readiness_of(deployment(1, 0), {ending}).hopeless);
}

TEST(Readiness, APodThatIsStillBeingMadeIsNoReason) {
  EXPECT_EQ(readiness_of(deployment(1, 0), {pod("ContainerCreating")}).pod, "");
}

TEST(Readiness, AQuotaOrAMissedDeadlineIsHopeless) {
  Json refused = deployment(0, 0, 0);
  refused["status"]["conditions"] =
      Json::array({{{"type", "ReplicaFailure"}, {"status", "True"}, {"message", "exceeded quota: small"}}});
  EXPECT_TRUE(readiness_of(refused, {}).hopeless);
  EXPECT_THAT(readiness_of(refused, {}).text, HasSubstr("exceeded quota"));
  Json late = deployment(1, 1);
  late["status"]["conditions"] = Json::array({{{"type", "Progressing"}, {"reason", "ProgressDeadlineExceeded"}}});
  EXPECT_TRUE(readiness_of(late, {}).hopeless);
}

TEST(Readiness, AnswersOfAnyShapeAreSurvived) {
  for (const char* text :
       {"null", "[]", "{}", R"({"status": 7, "spec": []})", R"({"status": {"conditions": [7, null]}})"}) {
    static_cast<void>(readiness_of(Json::parse(text), {Json::parse(text), pod("x")}));
  }
}

}  // namespace
}  // namespace liminal::deploy
