// Volumes by where they really lie: what no example of a rule's documentation can hold.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class Volumes : public ::testing::Test {
 protected:
  std::string found(const std::string& path, bool check_files = true, const std::string& file = "liminal.yml") {
    fs::create_directories(folder.path() / ".git");
    folder.write(file, "name: shop\nvolumes:\n  - volume: data\n    local: {path: \"" + path + "\"}\npipelines: []\n");
    validate::Options options;
    options.check_files = check_files;
    std::string text;
    for (const std::string& line : testing::findings_in(folder, options)) text += line;
    return text;
  }

  testing::TemporaryFolder folder;
};

TEST_F(Volumes, OfGitAndOfRunsAreRefused) {
  for (const char* path : {".git", "./.git/", ".git/hooks", ".liminal", ".liminal/runs"})
    EXPECT_THAT(found(path), StartsWith("dangerous-volume liminal.yml:4:19")) << path;
  EXPECT_THAT(found(".liminal/volumes/data"), IsEmpty());
  fs::create_directory_symlink(".git", folder.path() / "link");
  EXPECT_THAT(found("link/hooks"), StartsWith("dangerous-volume"));
}

TEST_F(Volumes, ThatHoldTheRepositoryOrTheFileAreAWarning) {
  for (const std::string& path :
       {std::string("."), std::string("./"), folder.path().string(), folder.path().parent_path().string() + "/"})
    EXPECT_THAT(found(path), HasSubstr("warning dangerous-volume liminal.yml:4:19")) << path;
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

TEST_F(Volumes, ThatAreNotMadeHaveNoUseForHowTheyAreMade) {
  const auto of = [&](const std::string& keys) {
    folder.write("liminal.yml", "name: shop\nvolumes: [{volume: data, " + keys + "}]\n");
    return testing::findings_in(folder);
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(
      of("capacity: 1Gi, storage_class: fast"),
      ElementsAre("warning volume-not-made liminal.yml:2:36 volume `data` has no `local`, so nothing is made of "
                  "it, and `capacity` and `storage_class` have no effect; give it `local` with a `path`, or "
                  "leave them out and make the claim `data-pvc` yourself"));
  EXPECT_THAT(
      of("namespace: other, claim_name: theirs"),
      ElementsAre(HasSubstr("`namespace` has no effect; give it `local` with a `path`, or leave it out and make "
                            "the claim `theirs` yourself")));
  EXPECT_THAT(of("claim_name: theirs"), IsEmpty());
  EXPECT_THAT(of("capacity: 1Gi, local: {path: data}"), IsEmpty());
}

TEST_F(Volumes, AreCalledAsKubernetesTakesIt) {
  const auto of = [&](const std::string& keys) {
    folder.write("liminal.yml", "name: shop\nvolumes: [{volume: data, local: {path: data}, " + keys + "}]\n");
    return testing::findings_in(folder);
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(of("storage_class: Bad Name"),
              ElementsAre(HasSubstr("bad-name liminal.yml:2:62 `Bad Name` is not a name that a storage class can")));
  EXPECT_THAT(of("namespace: Bad NS"), ElementsAre(HasSubstr("bad-name liminal.yml:2:58 `Bad NS` is not a name that a "
                                                             "namespace can have; use lower-case letters")));
  EXPECT_THAT(of("node: a/b"), ElementsAre(HasSubstr("`a/b` is not a name that a node can have")));
  EXPECT_THAT(of("storage_class: fast.example.com, namespace: ml-1, node: Node_1.local"), IsEmpty());
}

}  // namespace
}  // namespace liminal
