// Findings in a file that is no YAML: their places, and what they must not show.
#include <gtest/gtest.h>

#include "liminal/validate/validate.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal {
namespace {

class RuleBadRequirement : public ::testing::Test {
 protected:
  std::vector<Diagnostic> findings(const std::string& image = "    source: src\n") {
    folder.write("app/liminal.yml",
                 "name: shop\nimages:\n  - image: trainer\n    type: python\n" + image + "pipelines: []\n");
    testing::TestWorld world;
    const World given = world.world();
    const auto files = config::discover(given, folder.path(), {folder.path()});
    return validate::validate(given, files.value(), {}).value().findings;
  }

  testing::TemporaryFolder folder;
};

TEST_F(RuleBadRequirement, PointsAtTheLineOfItsFile) {
  folder.write("app/src/requirements.txt", "numpy==2.3\r\n  flask=3  # web\r\n-r more.txt\n");
  folder.write("app/src/more.txt", "\n-e .\n");
  const auto found = findings();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].location.file, "app/src/more.txt");
  EXPECT_EQ(found[0].location.range, (Range{{2, 1}, {2, 5}}));
  EXPECT_EQ(found[0].severity, Severity::warning);
  EXPECT_EQ(found[1].location.file, "app/src/requirements.txt");
  EXPECT_EQ(found[1].location.range, (Range{{2, 3}, {2, 17}}));
  EXPECT_EQ(found[1].severity, Severity::error);
  EXPECT_EQ(found[1].message, "`flask=3` is no requirement: a version is missing or malformed");
  ASSERT_EQ(found[1].related.size(), 1U);
  EXPECT_EQ(found[1].related[0].location.file, "app/liminal.yml");
  EXPECT_EQ(found[1].related[0].location.range.begin.line, 5U);
}

TEST_F(RuleBadRequirement, IsACaseOfItsOwnInReports) {
  folder.write("app/src/requirements.txt", "flask=3\n");
  folder.write("app/liminal.yml",
               "name: shop\nimages:\n  - image: trainer\n    type: python\n    source: src\npipelines: []\n");
  testing::TestWorld world;
  const World given = world.world();
  const auto files = config::discover(given, folder.path(), {folder.path()});
  const report::Stage stage = validate::validate(given, files.value(), {}).value().stage;
  ASSERT_EQ(stage.cases.size(), 2U);
  EXPECT_EQ(stage.cases[1].name, "app/src/requirements.txt");
  EXPECT_EQ(stage.cases[1].outcome, report::Outcome::failed);
  EXPECT_EQ(stage.summary, "1 of 2 files with errors");
}

TEST_F(RuleBadRequirement, ShowsNoPassword) {
  folder.write("app/src/requirements.txt", "--index-url https://joe:hunter2@example.org/simple\n");
  const auto found = findings();
  ASSERT_EQ(found.size(), 1U);
  ASSERT_NE(found[0].source, nullptr);
  EXPECT_EQ(found[0].source->find("hunter2"), std::string::npos) << *found[0].source;
  EXPECT_EQ((found[0].message + found[0].help + found[0].value).find("hunter2"), std::string::npos);
}

TEST_F(RuleBadRequirement, ShowsNothingThatMayBeAPassword) {
  folder.write(
      "app/src/requirements.txt",
      "--index-url joe:hunter2@host/simple\npkg @ https:/joe:hunter2@h/x.whl\n--extra-index-url //joe:hunter2@h/s\n"
      "-r joe:hunter2@host/r.txt\n-f //joe:hunter2@host/x\na @ https://joe:hun?ter2@host/x.whl\n"
      "b @ https://joe:hun\"ter2@host/\nc @ https://host/x.tar.gz?sig=hunter2\n");
  const auto found = findings();
  EXPECT_EQ(found.size(), 8U);
  for (const Diagnostic& one : found) {
    const std::string all = one.message + one.help + one.value + (one.source ? *one.source : "");
    for (const char* secret : {"hunter2", "hun?", "ter2"}) EXPECT_EQ(all.find(secret), std::string::npos) << all;
  }
}

TEST_F(RuleBadRequirement, TellsAFileThatCannotBeReadAndGoesOn) {
  folder.write("app/src/requirements.txt", "flask=3\n-r .\n");
  const auto found = findings();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].message, ". cannot be read");
  EXPECT_EQ(found[1].location.range.begin.line, 2U);
}

TEST_F(RuleBadRequirement, ReadsNothingOutsideOfTheRepository) {
  folder.write("app/.git/HEAD", "ref: refs/heads/main\n");
  folder.write("outside/requirements.txt", "TOPSECRET=1\n");
  for (const Diagnostic& one : findings("    source: ../outside\n")) EXPECT_EQ(one.rule, "missing-source");
}

TEST_F(RuleBadRequirement, IsOfFoldersThatAreBuiltFrom) {
  folder.write("app/src/requirements.txt", "flask=3\n");
  EXPECT_TRUE(findings("").empty());
  folder.write("app/other/train.py", "");
  EXPECT_TRUE(findings("    source: other\n").empty());
}

}  // namespace
}  // namespace liminal
