// Volumes by where they really lie: what no example of a rule's documentation can hold.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/validate/validate.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Volumes : public ::testing::Test {
 protected:
  std::string found(const std::string& path, bool check_files = true, const std::string& file = "liminal.yml") {
    fs::create_directories(folder.path() / ".git");
    folder.write(file, "name: shop\nvolumes:\n  - volume: data\n    local: {path: \"" + path + "\"}\npipelines: []\n");
    const World given = world.world();
    validate::Options options;
    options.check_files = check_files;
    const auto files = config::discover(given, folder.path(), {folder.path()});
    std::string text;
    const auto validation = validate::validate(given, *files, options);
    for (const Diagnostic& one : validation.value().findings) {
      text += std::string(to_string(one.severity)) + " " + one.rule + " " +
              std::to_string(one.location.range.begin.line) + ":" + std::to_string(one.location.range.begin.column) +
              " " + one.message;
    }
    return text;
  }

  testing::TemporaryFolder folder;
  testing::TestWorld world;
};

TEST_F(Volumes, OfGitAndOfRunsAreRefused) {
  for (const char* path : {".git", "./.git/", ".git/hooks", ".liminal", ".liminal/runs"})
    EXPECT_THAT(found(path), HasSubstr("error dangerous-volume 4:19")) << path;
  EXPECT_THAT(found(".liminal/volumes/data"), IsEmpty());
  fs::create_directory_symlink(".git", folder.path() / "link");
  EXPECT_THAT(found("link/hooks"), HasSubstr("error dangerous-volume"));
}

TEST_F(Volumes, ThatHoldTheRepositoryOrTheFileAreAWarning) {
  for (const std::string& path :
       {std::string("."), std::string("./"), folder.path().string(), folder.path().parent_path().string() + "/"})
    EXPECT_THAT(found(path), HasSubstr("warning dangerous-volume 4:19")) << path;
  EXPECT_THAT(found("data"), IsEmpty());
  fs::remove(folder.path() / "liminal.yml");
  EXPECT_THAT(found(".", true, "ml/liminal.yml"), HasSubstr("which holds this file"));
}

TEST_F(Volumes, BehindALinkToTheMachineAreRefusedWhereFilesAreChecked) {
  const testing::TemporaryFolder elsewhere;
  fs::create_directory_symlink("/etc", elsewhere.path() / "link");
  const std::string link = (elsewhere.path() / "link").string();
  EXPECT_THAT(found(link), HasSubstr("leads to `/etc`"));
  EXPECT_THAT(found(link, false), IsEmpty());
}

}  // namespace
}  // namespace liminal
