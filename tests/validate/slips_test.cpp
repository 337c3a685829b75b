// Slips of keys, names and texts, and what is said to be done about them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Slips, OfAKeyThatIsThereTooNamesIt) {
  EXPECT_THAT(testing::findings_of_python_task("retries: 1\n        retrys: 2"),
              ElementsAre(HasSubstr("unknown-key liminal.yml:12:9 `retrys` is not a key of a task of type `python`; "
                                    "remove it, or put its value at `retries`, which is there too")));
  EXPECT_THAT(testing::findings_of_python_task("retrys: 2"), ElementsAre(HasSubstr("did you mean `retries`?")));
}

TEST(Slips, OfKeysThatNothingReadsAreTold) {
  testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\npipeline_defaults: {tags: [a], pool: small}\npipelines:\n  - pipeline: daily\n"
               "    start_date: 2026-01-01\n    timeout_minutes: 30\n    catchup: true\n    node_selector: {a: b}\n"
               "    execution_timeuot: 5\n    tasks: [{task: a, type: python, image: 'busybox:1', cmd: echo}]\n"
               "images: [{image: web, type: python_server, source: .}]\n"
               "services: [{service: web, image: web, command: echo}]\n");
  EXPECT_THAT(
      testing::findings_in(folder),
      ElementsAre(HasSubstr("warning ignored-key liminal.yml:2:21 `tags` has no effect; every pipeline has"),
                  HasSubstr("warning ignored-key liminal.yml:7:5 `catchup` has no effect; catch-up is"),
                  HasSubstr("warning ignored-key liminal.yml:8:5 `node_selector` has no effect; nothing reads"),
                  HasSubstr("warning unknown-key liminal.yml:9:5 `execution_timeuot` is not a key of a pipeline; "
                            "did you mean `execution_timeout`?"),
                  HasSubstr("missing-endpoint"),
                  HasSubstr("warning ignored-key liminal.yml:12:39 `command` has no effect; nothing reads")));
}

TEST(Slips, OfTwoSchedulesAreToldWhereTheyDifferAlone) {
  const auto found_with = [](const std::string& defaults, const std::string& own) {
    testing::TemporaryFolder folder;
    folder.write("liminal.yml", "name: shop\npipeline_defaults: {" + defaults +
                                    "}\npipelines:\n  - pipeline: daily\n    " + own +
                                    "\n    start_date: 2026-01-01\n    timeout_minutes: 30\n"
                                    "    tasks: [{task: a, type: python, image: 'busybox:1', cmd: echo}]\n");
    return testing::findings_in(folder);
  };
  EXPECT_THAT(found_with("schedule: '@daily'", "schedule_interval: '@daily'"), IsEmpty());
  EXPECT_THAT(found_with("schedule: '@daily'", "schedule_interval:"), IsEmpty());
  EXPECT_THAT(found_with("schedule: '@daily'", "schedule_interval: '@hourly'"),
              ElementsAre(HasSubstr("two-schedules liminal.yml:5:24")));
}

TEST(Slips, OfScalarsThatBecomeOtherTextsAreToldInNamesAndVariables) {
  testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\nvariables: {version: 3.10, mode: 0755, on_top: true, m: {t: 12:30}}\npipelines:\n"
               "  - pipeline: 1:30\n    start_date: 2026-01-01\n    timeout_minutes: 30\n"
               "    tasks: [{task: 010, type: python, cmd: echo, image: 'busybox:1'}]\n");
  EXPECT_THAT(testing::findings_in(folder), ElementsAre(HasSubstr("warning ambiguous-scalar liminal.yml:2:22"),
                                                        HasSubstr("warning ambiguous-scalar liminal.yml:2:34"),
                                                        HasSubstr("warning ambiguous-scalar liminal.yml:2:61"),
                                                        HasSubstr("warning ambiguous-scalar liminal.yml:4:15"),
                                                        HasSubstr("warning ambiguous-scalar liminal.yml:7:20")));
}

TEST(Slips, OfScalarsOfExecutorsAndSparkAreTold) {
  testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\nexecutors: [{executor: k, type: kubernetes, env_vars: {ANSWER: yes}, retries: 010}]\n"
               "images: [{image: s, type: spark, source: ., base: 'spark:3'}]\npipelines:\n"
               "  - pipeline: a\n    start_date: 2026-01-01\n    timeout_minutes: 30\n"
               "    tasks: [{task: t, type: spark, image: s, application_source: a.py, conf: {spark: {x: on}},\n"
               "             application_arguments: [1:30, true, x]}]\n");
  EXPECT_THAT(testing::findings_in(folder), AllOf(Contains(HasSubstr("ambiguous-scalar liminal.yml:2:64 `yes`")),
                                                  Contains(HasSubstr("ambiguous-scalar liminal.yml:2:79 `010`")),
                                                  Contains(HasSubstr("ambiguous-scalar liminal.yml:8:90 `on`")),
                                                  Contains(HasSubstr("ambiguous-scalar liminal.yml:9:38 `1:30`"))));
}

TEST(Slips, OfImagesOfAnotherRegistryAreNone) {
  const auto told = [](const std::string& image) {
    return testing::findings_of_task("type: python\n        image: '" + image + "'\n        cmd: echo");
  };
  for (const char* right : {"reg.example:5000/a:1", "reg.example:5000/a", "busybox:1"})
    EXPECT_THAT(told(right), IsEmpty()) << right;
  EXPECT_THAT(told("trainer"), ElementsAre(HasSubstr("unknown-image")));
}

TEST(Slips, OfATypeThatIsEmptyAreTold) {
  testing::TemporaryFolder folder;
  folder.write("liminal.yml", "name: shop\nimages: [{image: i, type: '', source: .}]\n");
  EXPECT_THAT(testing::findings_in(folder), ElementsAre(HasSubstr("unknown-type liminal.yml:2:27")));
}

TEST(Slips, BehindAnUnknownLayerFollowFromIt) {
  testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\nsuper: absent\npipelines:\n  - pipeline: a\n    start_date: 2026-01-01\n"
               "    timeout_minutes: 30\n    tasks: [{task: t, type: python, image: theirs, cmd: echo}]\n");
  EXPECT_THAT(testing::findings_in(folder), ElementsAre(HasSubstr("unknown-super liminal.yml:2:8")));
  folder.write("below/liminal.yml",
               "name: heir\nsuper: shop\npipelines:\n  - pipeline: b\n    start_date: 2026-01-01\n"
               "    timeout_minutes: 30\n    tasks: [{task: t, type: python, image: theirs, cmd: echo}]\n");
  folder.write("liminal.yml", "name: shop\ntype: super\nsuper: absent\n");
  EXPECT_THAT(testing::findings_in(folder), ElementsAre(HasSubstr("unknown-super liminal.yml:3:8")));
}

TEST(Slips, OfALayerNameTheHeirThatHasThem) {
  testing::TemporaryFolder folder;
  folder.write("top/liminal.yml",
               "name: top\ntype: super\ntask_defaults: {python: {mounts: [{volume: v1, path: /v1}]}}\n");
  folder.write("x/liminal.yml",
               "name: x\nsuper: top\npipelines:\n  - pipeline: px\n    start_date: 2026-01-01\n"
               "    timeout_minutes: 30\n    tasks: [{task: a, type: python, cmd: echo, image: 'busybox:1'}]\n");
  testing::TestWorld test;
  const World world = test.world();
  const auto files = config::discover(world, folder.path(), {folder.path()});
  const auto found = validate::validate(world, files.value(), {}).value().findings;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].location.file, "top/liminal.yml");
  ASSERT_EQ(found[0].related.size(), 1U);
  EXPECT_EQ(found[0].related[0].location.file, "x/liminal.yml");
}

TEST(Slips, OfTextsThatAreEmpty) {
  for (const char* text : {"''", "'  '", "\"\\n\""}) {
    EXPECT_THAT(testing::findings_of_task(std::string("type: python\n        image: ") + text + "\n        cmd: echo"),
                ElementsAre("missing-key liminal.yml:9:16 task `a` has an empty `image`; write `image: NAME`"));
    EXPECT_THAT(
        testing::findings_of_task(std::string("type: python\n        image: busybox:1\n        cmd: ") + text),
        ElementsAre(HasSubstr("missing-key liminal.yml:10:14 task `a` has an empty `cmd`; write `cmd: python")));
  }
  EXPECT_THAT(testing::findings_of_task("type: python\n        image: busybox:1\n        cmd: '{{ params.x }}'"),
              IsEmpty());
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml", "name: shop\nvariables: {i: ''}\nservices: [{service: web, image: '{{ i }}'}]\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("missing-key liminal.yml:3:34 service `web` has an empty `image`")));
}

TEST(Slips, OfWhatIsTheExecutorsAreNoneOfAKeyThatLooksLikeIt) {
  const auto lines = testing::findings_of_python_task("resources: {limits: {cpu: 1}}");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("unknown-key liminal.yml:11:9 `resources` is not a key of a task of type "
                                           "`python`; it is the executor's: put it there as `container_resources`")));
}

TEST(Slips, OfADependencyOnABuiltInTaskAreToldAtTheirLine) {
  const auto lines = testing::findings_of_python_task("depends_on: [end]");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("dependency-cycle liminal.yml:11:21 the tasks `a` and `end`")));
}

TEST(Slips, OfOnePlaceAreToldOnce) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\npipelines: [{pipeline: a, start_date: 2026-01-01, timeout_minutes: 1, tasks: [null]}]\n");
  EXPECT_THAT(testing::findings_in(folder), ElementsAre(::testing::StartsWith("schema-type liminal.yml:2:79")));
  folder.write("liminal.yml", "name: [a]\npipelines: []\n");
  EXPECT_THAT(testing::findings_in(folder), ElementsAre(::testing::StartsWith("schema-type liminal.yml:1:7")));
}

TEST(Slips, OfDefaultsForATypeThatNoTaskHas) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\ntask_defaults:\n  pythn: {executors: 2}\n  ours: {cmd: x}\n  sql: {}\npipelines: []\n");
  EXPECT_THAT(
      testing::findings_in(folder),
      ElementsAre(HasSubstr("unknown-type liminal.yml:3:3 `task_defaults` has defaults for tasks of type `pythn`, "
                            "which does not exist; did you mean `python`?"),
                  ::testing::StartsWith("warning unknown-type liminal.yml:4:3")));
}

TEST(Slips, OfSparkConfigurationAndStacksAreTold) {
  EXPECT_THAT(testing::findings_of_task("type: spark\n        image: 'spark:1'\n        application_source: a.py\n"
                                        "        conf: {a: [b], c: {d: 1}}"),
              ElementsAre(HasSubstr("schema-type liminal.yml:11:19")));
  EXPECT_THAT(testing::findings_of_task("type: delete_cloudformation_stack"),
              ElementsAre(HasSubstr("missing-key liminal.yml:7:9 task `a` has no `stack_name`")));
}

TEST(Slips, OfWhatIsEmptyAreTold) {
  EXPECT_THAT(
      testing::findings_of_python_task("env_vars: {A: }"),
      ElementsAre(HasSubstr("warning ambiguous-scalar liminal.yml:11:20 `A` has no value, and becomes the empty "
                            "text; write '' if that is meant")));
  EXPECT_THAT(testing::findings_of_python_task("env_vars: {A: ''}"), IsEmpty());
  testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\npipelines:\n  - {pipeline: daily, start_date: 2026-01-01, timeout_minutes: 30}\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("warning missing-key liminal.yml:3:16 pipeline `daily` has no tasks")));
}

}  // namespace
}  // namespace liminal
