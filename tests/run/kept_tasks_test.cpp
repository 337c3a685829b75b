#include "../../src/run/kept_tasks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace liminal::run {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const engine::ArgoGraph graph{
    {"extract", {}}, {"load", {"extract"}}, {"report", {"load", "other"}}, {"other", {}}, {"sum", {"other"}}};

TEST(KeptTasks, AreThoseThatSucceeded) {
  EXPECT_THAT(kept_tasks(graph, {"extract", "other"}), ElementsAre("extract", "other"));
}

TEST(KeptTasks, AreNoneThatRestOnWhatRunsAgain) {
  EXPECT_THAT(kept_tasks(graph, {"load", "report", "other", "sum"}), ElementsAre("other", "sum"));
  EXPECT_THAT(kept_tasks(graph, {"extract", "load", "report", "sum"}), ElementsAre("extract", "load"));
}

TEST(KeptTasks, AreNoneThatAreNotDeployedAnyMore) {
  EXPECT_THAT(kept_tasks(graph, {"removed"}), IsEmpty());
}

TEST(KeptTasks, OfACircleAreFound) {
  EXPECT_THAT(kept_tasks({{"a", {"b"}}, {"b", {"a"}}, {"c", {"b"}}}, {"a", "c"}), IsEmpty());
}

}  // namespace
}  // namespace liminal::run
