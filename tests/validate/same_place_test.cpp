// One mistake that many meet.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string with_pipeline(const std::string& name) {
  return "pipelines:\n  - {pipeline: " + name +
         ", start_date: 2026-01-01, timeout_minutes: 30, tasks: [\n"
         "      {task: a, type: python, cmd: echo}, {task: b, type: python, cmd: echo}]}\n";
}

TEST(SamePlace, OfTheDefaultsIsToldOnceForAllTasks) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml", std::string("name: shop\ntask_defaults: {python: {image: trainr, executor: nowhere}}\n") +
                                  with_pipeline("daily"));
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(AllOf(HasSubstr("unknown-image liminal.yml:2:33 task `a` uses the image `trainr`"),
                                HasSubstr("not declared (and 1 more from the same place);")),
                          AllOf(HasSubstr("unknown-executor liminal.yml:2:51"),
                                HasSubstr("(and 1 more from the same place);"))));
}

TEST(SamePlace, OfALayerIsToldOnceForAllHeirs) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml", "name: base\ntype: super\ntask_defaults: {python: {image: trainr}}\n");
  for (const char* name : {"one", "two"})
    folder.write(std::string(name) + "/liminal.yml",
                 std::string("name: ") + name + "\nsuper: base\n" + with_pipeline(name));
  testing::TestWorld test;
  const World world = test.world();
  const auto files = config::discover(world, folder.path(), {folder.path()});
  const auto validation = validate::validate(world, files.value(), {});
  ASSERT_EQ(validation->findings.size(), 1U);
  const Diagnostic& found = validation->findings.front();
  EXPECT_THAT(found.message, EndsWith("(and 1 more from the same place)"));
  ASSERT_EQ(found.related.size(), 2U);
  EXPECT_THAT(found.related[0].message, HasSubstr("it is so in `one`"));
  EXPECT_THAT(found.related[1].message, HasSubstr("it is so in `two`"));
}

// Met by more than a file's findings are told of.
TEST(SamePlace, HidesNoOtherMistakeHoweverMany) {
  const testing::TemporaryFolder folder;
  std::string text =
      "name: shop\ntask_defaults: {python: {image: trainr}}\npipelines:\n"
      "  - pipeline: daily\n    start_date: 2026-01-01\n    timeout_minutes: 30\n    tasks:\n";
  for (int i = 0; i < 1200; ++i) text += fmt::format("      - {{task: t{}, type: python, cmd: echo}}\n", i);
  text += "      - {task: last, type: python, cmd: echo, image: another}\n";
  folder.write("liminal.yml", text);
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(AllOf(HasSubstr("unknown-image liminal.yml:2:33 task `t0` uses the image `trainr`"),
                                HasSubstr("(and at least 49 more from the same place)")),
                          HasSubstr("unknown-image liminal.yml:1208:54 task `last` uses the image `another`")));
}

TEST(SamePlace, OfSeveralMistakesKeepsEach) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml", "name: shop\npipelines:\n  - pipeline: daily\n    tasks: []\n");
  EXPECT_THAT(testing::findings_in(folder),
              ::testing::IsSupersetOf({HasSubstr("no `start_date`"), HasSubstr("no `timeout_minutes`")}));
}

}  // namespace
}  // namespace liminal
