// The folders that images are made of.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/as_nobody.hpp"
#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Sources, ThatLeadOutAreToldWhetherFilesAreLookedAtOrNot) {
  const testing::TemporaryFolder folder;
  const testing::TemporaryFolder elsewhere;
  std::filesystem::create_directories(folder.path() / ".git");
  std::filesystem::create_directory_symlink(elsewhere.path(), folder.path() / "link");
  validate::Options options;
  options.check_files = false;
  for (const std::string& source : {elsewhere.path().string(), std::string("../out"), std::string("link")}) {
    folder.write("liminal.yml",
                 "name: shop\nimages: [{image: i, type: python, source: " + source + "}]\npipelines: []\n");
    EXPECT_THAT(testing::findings_in(folder, options), ElementsAre(HasSubstr("leads out of the repository"))) << source;
  }
  folder.write("liminal.yml", "name: shop\nimages: [{image: i, type: python, source: absent}]\npipelines: []\n");
  EXPECT_THAT(testing::findings_in(folder, options), IsEmpty());
}

TEST(Sources, WhoseScriptsLieInAFolderBelowNameThem) {
  const testing::TemporaryFolder folder;
  folder.write("src/jobs/train.py", "");
  folder.write("src/jobs/other.py", "");
  const auto told = [&](const std::string& script) {
    folder.write("liminal.yml",
                 "name: shop\nimages: [{image: i, type: python, source: src}]\npipelines:\n  - pipeline: a\n"
                 "    start_date: 2026-01-01\n    timeout_minutes: 30\n"
                 "    tasks: [{task: t, type: python, image: i, cmd: python " +
                     script + "}]\n");
    return testing::findings_in(folder);
  };
  EXPECT_THAT(told("train.py"), ElementsAre(HasSubstr("did you mean `jobs/train.py`?")));
  EXPECT_THAT(told("jobs/trian.py"), ElementsAre(HasSubstr("did you mean `jobs/train.py`?")));
  EXPECT_THAT(told("../opt/tool.py"), IsEmpty());
  EXPECT_THAT(told("code/run.py, executor: k}]\nexecutors: [{executor: k, type: kubernetes, volumes: [{name: code, "
                   "emptyDir: {}}], volume_mounts: [{name: code, mountPath: /app/code}]}]\nsecrets: [{secret: s"),
              IsEmpty());
  EXPECT_THAT(told("load.py"), ElementsAre(HasSubstr("the folder holds `jobs/other.py` and `jobs/train.py`")));
}

TEST(Sources, WithoutRightsAreTold) {
  namespace fs = std::filesystem;
  const testing::TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms{0755});
  folder.write("liminal.yml",
               "name: shop\nimages: [{image: i, type: python, source: src}]\npipelines:\n  - pipeline: daily\n"
               "    start_date: 2026-01-01\n    timeout_minutes: 30\n    tasks:\n"
               "      - {task: a, type: python, image: i, cmd: python a.py}\n");
  folder.write("src/a.py", "");
  fs::permissions(folder.path() / "src", fs::perms::none);
  {
    const testing::AsNobody nobody;
    EXPECT_THAT(testing::findings_in(folder, {}, "liminal.yml"),
                ElementsAre(AllOf(HasSubstr("missing-source liminal.yml:2:43"), HasSubstr("Permission denied"))));
  }
  fs::permissions(folder.path() / "src", fs::perms::owner_all);  // for who is not root, to remove it
}

}  // namespace
}  // namespace liminal
