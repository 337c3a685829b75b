// Rendering into a folder: what is written, kept, removed and refused.
#include <gmock/gmock.h>

#include "liminal/deploy/deploy.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::deploy {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

engine::Rendered of(const std::vector<std::pair<std::string, std::string>>& files) {
  engine::Rendered rendered;
  for (const auto& [path, content] : files) {
    engine::Artifact artifact;
    artifact.path = path;
    artifact.name = path;
    artifact.api_kind = "ConfigMap";
    artifact.content = content;
    rendered.artifacts.push_back(std::move(artifact));
  }
  return rendered;
}

class RenderTo : public ::testing::Test {
 protected:
  Result<WrittenFiles> write(const engine::Rendered& rendered) {
    return render_to(outside_.world(), rendered, folder_.path());
  }
  testing::TemporaryFolder folder_;
  testing::TestWorld outside_;
};

TEST_F(RenderTo, WritesThenFindsNothingToChange) {
  ASSERT_TRUE(write(of({{"s/a.yaml", "a\n"}})));
  const auto again = write(of({{"s/a.yaml", "a\n"}}));
  ASSERT_TRUE(again);
  EXPECT_THAT(again->unchanged, ElementsAre("s/a.yaml"));
  EXPECT_TRUE(again->written.empty());
}

TEST_F(RenderTo, RemovesItsOwnStaleFilesAndLeavesOthersAlone) {
  ASSERT_TRUE(write(of({{"s/a.yaml", "a\n"}, {"s/b.yaml", "b\n"}})));
  const fs::path other = folder_.write("s/theirs.yaml", "theirs");
  const auto result = write(of({{"s/a.yaml", "a\n"}}));
  ASSERT_TRUE(result);
  EXPECT_THAT(result->removed, ElementsAre("s/b.yaml"));
  EXPECT_TRUE(fs::exists(other));
}

TEST_F(RenderTo, RefusesToReplaceAFileItDidNotWrite) {
  folder_.write("s/a.yaml", "theirs");
  EXPECT_FALSE(write(of({{"s/a.yaml", "a\n"}})));
}

TEST_F(RenderTo, RefusesItEachTimeAndWritesNothingElseEither) {
  const fs::path theirs = folder_.write("s/b.yaml", "theirs");
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(write(of({{"s/a.yaml", "a\n"}, {"s/b.yaml", "b\n"}}))) << i;
    EXPECT_EQ(fs::file_size(theirs), 6U) << i;
    EXPECT_FALSE(fs::exists(folder_.path() / "s/a.yaml")) << i;
    EXPECT_FALSE(fs::exists(folder_.path() / "liminal-manifest.json")) << i;
  }
}

TEST_F(RenderTo, RefusesLinksThatLeadOutOfTheFolder) {
  testing::TemporaryFolder elsewhere;
  fs::create_directory_symlink(elsewhere.path(), folder_.path() / "s");
  EXPECT_FALSE(write(of({{"s/a.yaml", "a\n"}})));
  EXPECT_TRUE(fs::is_empty(elsewhere.path()));
}

TEST_F(RenderTo, RefusesPathsThatLeaveTheFolder) {
  EXPECT_FALSE(write(of({{"../a.yaml", "a\n"}})));
}

TEST_F(RenderTo, DoesNotRemoveWhatATamperedManifestNamesOutside) {
  const testing::TemporaryFolder victim;
  const fs::path kept = victim.write("kept", "kept");
  const std::string around = "../" + victim.path().filename().string() + "/kept";
  folder_.write("liminal-manifest.json",
                R"({"schema": 1, "files": [")" + kept.string() + R"(", ")" + around + R"("]})");
  ASSERT_TRUE(write(of({{"s/a.yaml", "a\n"}})));
  EXPECT_TRUE(fs::exists(kept));
}

TEST_F(RenderTo, ConvergesAfterARunThatWasCutOff) {
  // A cut-off run leaves a manifest that names more than is there.
  folder_.write("liminal-manifest.json", R"({"schema": 1, "files": ["s/a.yaml", "s/old.yaml"]})");
  folder_.write("s/old.yaml", "old");
  ASSERT_TRUE(write(of({{"s/a.yaml", "a\n"}})));
  EXPECT_TRUE(fs::exists(folder_.path() / "s/a.yaml"));
  EXPECT_FALSE(fs::exists(folder_.path() / "s/old.yaml"));
}

}  // namespace
}  // namespace liminal::deploy
