// Which files are found, and which of them are not read.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/repository.hpp"
#include "support/as_nobody.hpp"

namespace liminal::config {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Discover : public ::testing::Test {
 protected:
  Result<std::vector<SourceFile>> discover(const std::vector<fs::path>& paths,
                                           const std::vector<std::string>& exclude = {}) {
    return config::discover(world_.world(), folder_.path(), paths, exclude);
  }
  std::vector<std::string> shown(const std::vector<fs::path>& paths, const std::vector<std::string>& exclude = {}) {
    std::vector<std::string> names;
    const auto files = discover(paths, exclude);
    if (!files) return {"error: " + files.error().message};
    for (const SourceFile& file : *files) names.push_back(file.shown + (file.refusal.empty() ? "" : " !"));
    return names;
  }
  Project load(const std::vector<fs::path>& paths) {
    return config::load(world_.world(2), *discover(paths), findings_);
  }

  testing::TemporaryFolder folder_;
  testing::TestWorld world_;
  DiagnosticList findings_;
};

TEST_F(Discover, FindsBothNamesInByteOrderOfTheirPaths) {
  for (const char* path : {"b/liminal.yml", "a/liminal.yaml", "a-b/liminal.yml", "liminal.yml", "a/other.yml"})
    folder_.write(path, "name: x\n");
  EXPECT_THAT(shown({folder_.path()}),
              ElementsAre("a-b/liminal.yml", "a/liminal.yaml", "b/liminal.yml", "liminal.yml"));
}

TEST_F(Discover, EndsWhenItIsInterrupted) {
  folder_.write("a/liminal.yml", "name: x\n");
  world_.cancellation.request(2);
  const auto files = discover({folder_.path()});
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().kind, ErrorKind::interrupted);
}

TEST_F(Discover, PassesOverHiddenInstalledAndBuiltFolders) {
  for (const char* path : {".git/liminal.yml", ".liminal/liminal.yml", "node_modules/x/liminal.yml", "venv/liminal.yml",
                           "mine/liminal.yml", "mine/pyvenv.cfg", "src/liminal.yml"})
    folder_.write(path, "name: x\n");
  EXPECT_THAT(shown({folder_.path()}), ElementsAre("src/liminal.yml"));
}

TEST_F(Discover, TakesWhatIsNamedOutrightWhateverItIsCalled) {
  folder_.write("pipeline.yaml", "name: x\n");
  folder_.write(".hidden/liminal.yml", "name: y\n");
  EXPECT_THAT(shown({folder_.path() / "pipeline.yaml", folder_.path() / ".hidden"}),
              ElementsAre(".hidden/liminal.yml", "pipeline.yaml"));
}

TEST_F(Discover, AFolderThatCannotBeReadHidesNoOther) {
  folder_.write("a/liminal.yml", "name: x\n");
  folder_.write("locked/liminal.yml", "name: y\n");
  ::chmod((folder_.path() / "locked").c_str(), 0);
  ::chmod(folder_.path().c_str(), 0755);
  // Root may read anything.
  const auto user = ::geteuid();
  if (user == 0) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const auto names = shown({folder_.path()});
  const Project project = load({folder_.path()});
  ASSERT_EQ(::seteuid(user), 0);
  ::chmod((folder_.path() / "locked").c_str(), 0755);
  EXPECT_THAT(names, ElementsAre("a/liminal.yml", "locked !"));
  ASSERT_EQ(findings_.items.size(), 1U);
  EXPECT_EQ(findings_.items[0].location.file, "locked");
  EXPECT_EQ(findings_.items[0].severity, Severity::error);
  EXPECT_THAT(findings_.items[0].message, HasSubstr("the folder is not searched"));
}

TEST_F(Discover, WhatMayNotBeLookedAtIsNotToldAsMissing) {
  const fs::path file = folder_.write("closed/liminal.yml", "name: x\n");
  fs::permissions(folder_.path() / "closed", fs::perms::none);
  const testing::AsNobody nobody;
  const auto files = discover({file});
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(files.error().message, HasSubstr("Permission denied"));
}

TEST_F(Discover, ListsAFileOnceHoweverItIsNamed) {
  folder_.write("a/liminal.yml", "name: x\n");
  EXPECT_THAT(shown({"a", "./a/", folder_.path() / "a" / "liminal.yml", "a/../a"}), ElementsAre("a/liminal.yml"));
}

TEST_F(Discover, SaysWhatIsNotThereAndWhereItLooked) {
  fs::create_directory(folder_.path() / "empty");
  EXPECT_THAT(shown({"missing"}), ElementsAre("error: there is no missing"));
  EXPECT_THAT(shown({"empty"}), ElementsAre("error: no liminal.yml or liminal.yaml in empty"));
  EXPECT_EQ(discover({"missing"}).error().kind, ErrorKind::usage);
}

TEST_F(Discover, HintsAtAFileWhoseNameIsNearlyRight) {
  const std::vector<std::pair<const char*, const char*>> slips{
      {"Liminal.yml", "liminal.yml"}, {"LIMINAL.YML", "liminal.yml"},    {"Liminal.yaml", "liminal.yaml"},
      {"limnal.yml", "liminal.yml"},  {"liminals.yaml", "liminal.yaml"}, {".liminal.yml", "liminal.yml"}};
  for (const auto& [slip, right] : slips) {
    const fs::path file = folder_.write(fs::path("sub") / slip, "name: x\n");
    const auto files = discover({"sub"});
    ASSERT_FALSE(files) << slip;
    EXPECT_EQ(files.error().kind, ErrorKind::usage);
    EXPECT_EQ(files.error().advice, std::string("found sub/") + slip + ": rename it to " + right);
    fs::remove(file);
  }
  for (const char* other : {"liminal.toml", "liminal.json", "pipeline.yml", "criminal.yml", "liminal.types.yml"})
    folder_.write(fs::path("sub") / other, "name: x\n");
  EXPECT_THAT(discover({"sub"}).error().advice, HasSubstr("liminal init"));
}

TEST_F(Discover, LeavesOutWhatIsExcludedAsGitDoes) {
  for (const char* path : {"liminal.yml", "a/liminal.yml", "a/b/liminal.yml", "a/b/c/liminal.yaml", "b/liminal.yml"})
    folder_.write(path, "name: x\n");
  const auto left = [&](const std::vector<std::string>& exclude) { return shown({folder_.path()}, exclude); };
  const std::vector<std::string> without_a{"b/liminal.yml", "liminal.yml"};
  for (const char* pattern : {"a", "a/", "/a", "./a", "a/**", "/a/**", "[a]"}) EXPECT_EQ(left({pattern}), without_a);
  EXPECT_THAT(left({"b/"}), ElementsAre("a/liminal.yml", "liminal.yml"));
  EXPECT_THAT(left({"/b"}), ElementsAre("a/b/c/liminal.yaml", "a/b/liminal.yml", "a/liminal.yml", "liminal.yml"));
  EXPECT_THAT(left({"*.yml"}), ElementsAre("a/b/c/liminal.yaml"));
  EXPECT_THAT(left({"/liminal.yml", "a/b/"}), ElementsAre("a/liminal.yml", "b/liminal.yml"));
  EXPECT_THAT(left({"**/c"}), ElementsAre("a/b/liminal.yml", "a/liminal.yml", "b/liminal.yml", "liminal.yml"));
  EXPECT_THAT(left({"a/*/c"}), ElementsAre("a/b/liminal.yml", "a/liminal.yml", "b/liminal.yml", "liminal.yml"));
  EXPECT_EQ(left({"liminal.yml/", "A", "no"}).size(), 5U);
}

TEST_F(Discover, TakesWhatIsNamedOutrightThoughItIsExcluded) {
  folder_.write("a/liminal.yml", "name: x\n");
  folder_.write("a/b/liminal.yml", "name: x\n");
  EXPECT_THAT(shown({"a/liminal.yml"}, {"a/**", "*.yml"}), ElementsAre("a/liminal.yml"));
  EXPECT_THAT(shown({"a"}, {"a/**", "a/b"}), ElementsAre("a/liminal.yml"));
}

TEST_F(Discover, SaysWhatWasLeftOutWhereNothingIsFound) {
  folder_.write("a/liminal.yml", "name: x\n");
  for (const char* pattern : {"a/**", "**", "/**", "*.yml"})
    EXPECT_THAT(discover({folder_.path()}, {pattern}).error().advice,
                HasSubstr(std::string("--exclude ") + pattern + " leaves out a"))
        << pattern;
}

TEST_F(Discover, ReportsAPipeInsteadOfWaitingForIt) {
  ASSERT_EQ(::mkfifo((folder_.path() / "liminal.yml").c_str(), 0644), 0);
  EXPECT_THAT(shown({folder_.path()}), ElementsAre("liminal.yml !"));
  const Project project = load({folder_.path()});
  ASSERT_EQ(findings_.items.size(), 1U);
  EXPECT_EQ(findings_.items[0].rule, "unreadable-file");
  EXPECT_THAT(findings_.items[0].message, HasSubstr("no regular file"));
  EXPECT_EQ(project.documents[0], nullptr);
}

TEST_F(Discover, ReportsAFolderInAFilesPlace) {
  folder_.write("liminal.yml/notes.txt", "");
  EXPECT_THAT(shown({folder_.path()}), ElementsAre("liminal.yml !"));
}

TEST_F(Discover, RefusesALinkThatLeavesTheRepository) {
  testing::TemporaryFolder elsewhere;
  const fs::path secret = elsewhere.write("secret.yml", "name: taken\n");
  fs::create_directories(folder_.path() / "a");
  fs::create_symlink(secret, folder_.path() / "a" / "liminal.yml");
  EXPECT_THAT(shown({folder_.path()}), ElementsAre("a/liminal.yml !"));
  EXPECT_THAT(shown({"a/liminal.yml"}), ElementsAre("a/liminal.yml !"));
  load({folder_.path()});
  EXPECT_THAT(findings_.items.at(0).message, HasSubstr("leads out of the repository"));
}

TEST_F(Discover, FollowsALinkWithinTheRepository) {
  folder_.write(".git/HEAD", "");
  folder_.write("common/template.yml", "name: x\n");
  fs::create_directories(folder_.path() / "a");
  fs::create_symlink("../common/template.yml", folder_.path() / "a" / "liminal.yml");
  EXPECT_THAT(shown({"a"}), ElementsAre("a/liminal.yml"));
}

TEST_F(Discover, RefusesALinkToNothingOrToItself) {
  fs::create_symlink("nowhere", folder_.path() / "liminal.yml");
  fs::create_symlink("liminal.yaml", folder_.path() / "liminal.yaml");
  EXPECT_THAT(shown({folder_.path()}), ElementsAre("liminal.yaml !", "liminal.yml !"));
}

TEST_F(Discover, DoesNotEnterFoldersThroughLinks) {
  folder_.write("a/liminal.yml", "name: x\n");
  fs::create_directory_symlink("..", folder_.path() / "a" / "up");
  EXPECT_THAT(shown({folder_.path()}), ElementsAre("a/liminal.yml"));
}

TEST_F(Discover, TakesTheCheckedOutRepositoryAsTheRoot) {
  folder_.write("a/b/liminal.yml", "name: x\n");
  EXPECT_EQ(load({"a/b"}).root, folder_.path() / "a" / "b");
  folder_.write(".git/HEAD", "");
  EXPECT_EQ(load({"a/b"}).root, fs::canonical(folder_.path()));
}

TEST_F(Discover, TakesTheFolderAboveAllFilesAsTheRootWithoutARepository) {
  folder_.write("a/b/liminal.yml", "name: x\n");
  folder_.write("a/bc/liminal.yml", "name: y\n");
  EXPECT_EQ(load({folder_.path()}).root, folder_.path() / "a");
}

}  // namespace
}  // namespace liminal::config
