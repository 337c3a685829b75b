// What a task waits for: the order of the file, and depends_on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/repository.hpp"

namespace liminal::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "task: what it waits for", of each task of the one pipeline.
std::vector<std::string> edges(const std::string& own, const std::string& defaults = "") {
  Repository repository("name: shop\n" + defaults + "pipelines:\n  - pipeline: p\n    tasks: " + own + "\n");
  repository.resolve();
  std::vector<std::string> lines;
  for (const model::Task& task : repository.systems.at(0).pipelines.at(0).tasks) {
    std::string line = task.name + ":";
    for (const std::string& name : task.depends_on) line += " " + name;
    lines.push_back(std::move(line));
  }
  return lines;
}

TEST(DependsOn, WithoutItATaskFollowsTheOneBefore) {
  EXPECT_THAT(edges("[{task: a}, {task: b}]"), ElementsAre("start:", "a: start", "b: a", "end: b"));
  EXPECT_THAT(edges("[]"), ElementsAre("start:", "end: start"));
}

TEST(DependsOn, NamesWhatATaskWaitsFor) {
  EXPECT_THAT(edges("[{task: load}, {task: a, depends_on: [load]}, {task: b, depends_on: [load]}, "
                    "{task: join, depends_on: [a, b]}]"),
              ElementsAre("start:", "load: start", "a: load", "b: load", "join: a b", "end: join"));
}

TEST(DependsOn, AnEmptyListWaitsForTheBeforeTasksAlone) {
  EXPECT_THAT(edges("[{task: a}, {task: b, depends_on: []}]"),
              ElementsAre("start:", "a: start", "b: start", "end: a b"));
}

TEST(DependsOn, ATaskWithoutItFollowsTheOneBeforeEvenBesideOthersWith) {
  EXPECT_THAT(edges("[{task: a}, {task: b, depends_on: []}, {task: c}]"),
              ElementsAre("start:", "a: start", "b: start", "c: b", "end: a c"));
}

TEST(DependsOn, MayNameATaskThatStandsLater) {
  EXPECT_THAT(edges("[{task: a, depends_on: [b]}, {task: b, depends_on: []}]"),
              ElementsAre("start:", "a: b", "b: start", "end: a"));
}

TEST(DependsOn, AfterTasksWaitForEveryTaskThatNothingWaitsFor) {
  EXPECT_THAT(edges("[{task: a}, {task: b, depends_on: []}]",
                    "pipeline_defaults:\n  before_tasks: [{task: fetch}]\n"
                    "  after_tasks: [{task: tell}, {task: tidy, depends_on: []}, {task: note, depends_on: [a]}]\n"),
              ElementsAre("start:", "fetch: start", "a: fetch", "b: fetch", "tell: a b", "tidy: a b", "note: a",
                          "end: tell tidy note"));
}

TEST(DependsOn, LeavesOutUnknownNamesItselfAndRepetitions) {
  EXPECT_THAT(edges("[{task: a}, {task: b, depends_on: [a, nobody, b, a]}, {task: c, depends_on: [nobody]}]"),
              ElementsAre("start:", "a: start", "b: a", "c: start", "end: b c"));
}

TEST(DependsOn, ACircleStaysForTheRuleToTell) {
  EXPECT_THAT(edges("[{task: a, depends_on: [b]}, {task: b, depends_on: [a]}]"),
              ElementsAre("start:", "a: b", "b: a", "end: start"));
}

TEST(DependsOn, OfAnotherKindThanAListIsLeftToTheSchema) {
  EXPECT_THAT(edges("[{task: a}, {task: b, depends_on: a}, {task: c, depends_on: {x: y}}]"),
              ElementsAre("start:", "a: start", "b: a", "c: b", "end: c"));
}

}  // namespace
}  // namespace liminal::config
