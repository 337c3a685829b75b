// Layers: which file stands above which, and what wins when they are merged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/repository.hpp"

namespace liminal::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> task_names(const model::Pipeline& pipeline) {
  std::vector<std::string> names;
  for (const model::Task& task : pipeline.tasks) names.push_back(task.name);
  return names;
}

TEST(Inheritance, TheLowerExecutorAndImageWinAndAreMergedDeeply) {
  Repository repository(std::map<std::string, std::string>{
      {"liminal.yml",
       "name: shop\nsuper: common\nexecutors:\n  - {executor: k8s, type: kubernetes, env: {b: 2}}\n"
       "images:\n  - {image: base, source: mine}\n  - {image: own, type: python}\n"},
      {"super/liminal.yml",
       "name: common\ntype: super\nexecutors:\n  - {executor: k8s, type: emr, env: {a: 1, b: 1}}\n"
       "images:\n  - {image: base, type: python, source: theirs}\n"}});
  const auto& systems = repository.resolve();
  ASSERT_EQ(systems.size(), 1U);
  EXPECT_EQ(systems[0].find_executor("k8s")->type_name, "kubernetes");
  EXPECT_EQ(resolved_json(systems)[0]["executors"][2]["env"].dump(), R"({"a":1,"b":2})");
  ASSERT_EQ(systems[0].images.size(), 2U);
  EXPECT_EQ(systems[0].images[0].name, "base");
  EXPECT_EQ(systems[0].images[0].type, model::ImageType::python);
  EXPECT_EQ(systems[0].images[0].source, "mine");
  EXPECT_THAT(repository.found(), IsEmpty());
}

TEST(Inheritance, TheBuiltInLayerCanBeOverridden) {
  Repository repository("name: shop\nexecutors:\n  - {executor: default_k8s, type: kubernetes, namespace: ml}\n");
  const auto& systems = repository.resolve();
  ASSERT_EQ(systems[0].executors.size(), 2U);
  EXPECT_EQ(systems[0].executors[0].arguments.at(0).first, "namespace");
}

TEST(Inheritance, DuplicatesWithinAFileAreKeptForTheRules) {
  Repository repository(
      "name: shop\nexecutors:\n  - {executor: default_k8s, type: a}\n  - {executor: default_k8s, type: b}\n");
  EXPECT_EQ(repository.resolve()[0].executors.size(), 3U);
}

TEST(Inheritance, BeforeAndAfterTasksOfEveryLayerApplyAndThoseOfTheFileToo) {
  Repository repository(std::map<std::string, std::string>{
      {"liminal.yml",
       "name: shop\nsuper: common\n"
       "pipeline_defaults:\n  before_tasks: [{task: mine_before}]\n  after_tasks: [{task: mine_after}]\n"
       "pipelines:\n  - pipeline: p\n    before_tasks: [{task: nearest_before}]\n    tasks: [{task: own}]\n"},
      {"super/liminal.yml",
       "name: common\ntype: super\n"
       "pipeline_defaults:\n  before_tasks: [{task: common_before}]\n  after_tasks: [{task: common_after}]\n"}});
  const auto& pipeline = repository.resolve()[0].pipelines.at(0);
  EXPECT_THAT(task_names(pipeline), ElementsAre("start", "common_before", "mine_before", "nearest_before", "own",
                                                "mine_after", "common_after", "end"));
  EXPECT_EQ(pipeline.value->find("before_tasks"), nullptr);
  EXPECT_EQ(pipeline.value->find("after_tasks"), nullptr);
}

TEST(Inheritance, DefaultTasksAreThoseOfAPipelineWithout) {
  Repository repository(
      "name: shop\npipeline_defaults:\n  tasks: [{task: a}, {task: here, type: pipeline}, {task: b}]\n"
      "pipelines:\n  - pipeline: without\n  - {pipeline: with, tasks: [{task: own}]}\n");
  const auto& pipelines = repository.resolve()[0].pipelines;
  EXPECT_THAT(task_names(pipelines[0]), ElementsAre("start", "a", "b", "end"));
  EXPECT_THAT(task_names(pipelines[1]), ElementsAre("start", "own", "end"));
}

TEST(Inheritance, TaskDefaultsGoIntoEveryTaskOfTheTypeAndTheTasksOwnKeysWin) {
  Repository repository(
      "name: shop\ntask_defaults:\n  python: {image: base, env_vars: {a: 1, b: 1}, mounts: [{volume: v}]}\n"
      "  job_end: {description: over}\n"
      "pipelines:\n  - pipeline: p\n    tasks:\n      - {task: t, type: python, env_vars: {b: 2}, mounts: []}\n");
  const auto& tasks = repository.resolve()[0].pipelines[0].tasks;
  EXPECT_EQ(tasks[1].image, "base");
  EXPECT_EQ(tasks[1].executor, "default_k8s");
  EXPECT_THAT(tasks[1].mounts, IsEmpty());
  ASSERT_EQ(tasks[1].environment.size(), 2U);
  EXPECT_EQ(tasks[1].environment[1].text, "2");
  EXPECT_EQ(tasks[2].description, "over");
}

TEST(Inheritance, OtherRootKeysAreReplacedWholeAndVariablesMerged) {
  Repository repository(std::map<std::string, std::string>{
      {"liminal.yml", "name: shop\nsuper: common\nvolumes: [{volume: mine}]\nvariables: {b: 2}\n"},
      {"super/liminal.yml",
       "name: common\ntype: super\nowner: them\nvolumes: [{volume: theirs}]\nvariables: {a: 1, b: 1}\n"}});
  const auto& systems = repository.resolve();
  EXPECT_EQ(systems[0].owner, "them");
  ASSERT_EQ(systems[0].volumes.size(), 1U);
  EXPECT_EQ(systems[0].volumes[0].name, "mine");
  EXPECT_EQ(resolved_json(systems)[0]["variables"].dump(), R"({"a":1,"b":2})");
}

TEST(Inheritance, EveryValueKnowsTheFileItCameFrom) {
  Repository repository(std::map<std::string, std::string>{
      {"liminal.yml", "name: shop\nsuper: common\npipelines:\n  - pipeline: p\n    tasks: [{task: t, type: python}]\n"},
      {"super/liminal.yml", "name: common\ntype: super\ntask_defaults:\n  python:\n    image: base\n"}});
  const auto& task = repository.resolve()[0].pipelines[0].tasks[1];
  const auto image = model::locate(task.value, "image").location();
  ASSERT_TRUE(image);
  EXPECT_EQ(image->file, "super/liminal.yml");
  EXPECT_EQ(image->range.begin, (Position{5, 12}));
  EXPECT_EQ(model::locate(task.value, "task").location()->file, "liminal.yml");
}

TEST(Inheritance, AMissingNameIsReportedAndTheRestResolved) {
  Repository repository("owner: us\npipelines: [{pipeline: p, tasks: []}]\n");
  EXPECT_EQ(repository.resolve().at(0).pipelines.size(), 1U);
  EXPECT_THAT(repository.found(), ElementsAre("missing-name liminal.yml:1:1"));
}

TEST(Inheritance, ADuplicateNameNamesTheFirstFile) {
  Repository repository(std::map<std::string, std::string>{{"a/liminal.yml", "name: shop\n"},
                                                           {"b/liminal.yml", "owner: us\nname: shop\n"}});
  EXPECT_EQ(repository.resolve().size(), 2U);
  ASSERT_THAT(repository.found(), ElementsAre("duplicate-name b/liminal.yml:2:7"));
  EXPECT_EQ(repository.findings.items[0].related.at(0).location.file, "a/liminal.yml");
}

TEST(Inheritance, AnUnknownSuperNamesTheNearestAndOnlyOnce) {
  Repository repository(std::map<std::string, std::string>{{"a/liminal.yml", "name: common\ntype: super\nsuper: rot\n"},
                                                           {"b/liminal.yml", "name: x\nsuper: comon\n"},
                                                           {"c/liminal.yml", "name: y\nsuper: common\n"}});
  EXPECT_EQ(repository.resolve().size(), 2U);
  EXPECT_THAT(repository.found(), ElementsAre("unknown-super a/liminal.yml:3:8", "unknown-super b/liminal.yml:2:8"));
  EXPECT_THAT(repository.findings.items[1].help, HasSubstr("`common`"));
}

TEST(Inheritance, ACircleIsToldOnceWithItsChainAndEndsThere) {
  Repository repository(std::map<std::string, std::string>{{"a/liminal.yml", "name: a\ntype: super\nsuper: b\n"},
                                                           {"b/liminal.yml", "name: b\ntype: super\nsuper: a\n"},
                                                           {"c/liminal.yml", "name: c\nsuper: b\nowner: us\n"}});
  EXPECT_EQ(repository.resolve().at(0).owner, "us");
  ASSERT_THAT(repository.found(), ElementsAre("super-cycle a/liminal.yml:3:8"));
  EXPECT_THAT(repository.findings.items[0].message, HasSubstr("a -> b -> a"));
}

TEST(Inheritance, AFileThatIsItsOwnSuperIsACircle) {
  Repository repository("name: a\nsuper: a\n");
  EXPECT_EQ(repository.resolve().size(), 1U);
  EXPECT_THAT(repository.found(), ElementsAre("super-cycle liminal.yml:2:8"));
}

TEST(Inheritance, PathsOfALayerAboveStartAtTheFileThatInheritsThem) {
  Repository repository(std::map<std::string, std::string>{
      {"liminal.yml", "name: shop\nsuper: common\n"},
      {"super/liminal.yml", "name: common\ntype: super\nimages: [{image: i, type: python, source: src}]\n"}});
  EXPECT_EQ(repository.resolve()[0].images.at(0).source_folder, repository.path() / "src");
}

TEST(Inheritance, DefaultsThatWouldFillTheMemoryAreRefused) {
  std::string text = "name: shop\ntask_defaults:\n  python:\n    env_vars: {";
  for (int i = 0; i < 3000; ++i) text += "k" + std::to_string(i) + ": 1, ";
  text += "}\npipelines:\n  - pipeline: p\n    tasks:\n";
  for (int i = 0; i < 1000; ++i) text += "      - {task: t" + std::to_string(i) + ", type: python}\n";
  Repository repository(text);
  repository.resolve();
  EXPECT_THAT(repository.found(), ElementsAre("expansion-limit liminal.yml:1:1"));
}

}  // namespace
}  // namespace liminal::config
