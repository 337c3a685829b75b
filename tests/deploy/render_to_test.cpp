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
    artifact.api_kind = path.ends_with(".py") ? "DAG" : "ConfigMap";
    artifact.content = content;
    rendered.artifacts.push_back(std::move(artifact));
  }
  return rendered;
}

class RenderTo : public ::testing::Test {
 protected:
  Result<WrittenFiles> write(const engine::Rendered& rendered) {
    return render_to(outside_.world(), rendered, {"example.org/team/one", checkout_.path()}, folder_.path());
  }
  // The liminal.yml of another team's, whose files are named below.
  Result<WrittenFiles> write_from(const std::string& repository, const model::System& system,
                                  const std::vector<std::pair<std::string, std::string>>& files) {
    engine::Rendered rendered = of(files);
    for (engine::Artifact& artifact : rendered.artifacts) artifact.system = &system;
    return render_to(outside_.world(), rendered, {repository, checkout_.path()}, folder_.path());
  }

  testing::TemporaryFolder folder_;
  testing::TemporaryFolder checkout_;
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

TEST_F(RenderTo, LeavesTheFilesOfOtherSystemsAndRepositories) {
  model::System a;
  a.path = "a/liminal.yml";
  model::System b;
  b.path = "b/liminal.yml";
  checkout_.write(a.path, "");
  checkout_.write(b.path, "");
  ASSERT_TRUE(write_from("one", a, {{"a/x.yaml", "x\n"}}));
  ASSERT_TRUE(write_from("one", b, {{"b/x.yaml", "x\n"}}));
  const auto theirs = write_from("two", a, {{"c/x.yaml", "x\n"}});
  ASSERT_TRUE(theirs);
  EXPECT_TRUE(theirs->removed.empty());
  for (const char* name : {"a/x.yaml", "b/x.yaml", "c/x.yaml"}) EXPECT_TRUE(fs::exists(folder_.path() / name)) << name;
  // Of a file that is gone, all goes; of one that is renamed within itself, too.
  fs::remove(checkout_.path() / b.path);
  const auto again = write_from("one", a, {{"renamed/x.yaml", "x\n"}});
  ASSERT_TRUE(again);
  EXPECT_THAT(again->removed, ElementsAre("a/x.yaml", "b/x.yaml"));
}

TEST_F(RenderTo, KnowsOfRepositoriesWithoutNamesTheFoldersOfSystemsAlone) {
  model::System system;
  system.path = "liminal.yml";
  ASSERT_TRUE(write_from("", system, {{"a/x.yaml", "x\n"}, {"a/old.yaml", "x\n"}}));
  const auto other = write_from("", system, {{"b/x.yaml", "x\n"}});
  ASSERT_TRUE(other);
  EXPECT_TRUE(other->removed.empty());
  const auto again = write_from("", system, {{"a/x.yaml", "x\n"}});
  ASSERT_TRUE(again);
  EXPECT_THAT(again->removed, ElementsAre("a/old.yaml"));
}

TEST_F(RenderTo, RefusesTheFileOfAnotherLiminalYmlThatIsStillThere) {
  model::System a;
  a.path = "a/liminal.yml";
  model::System b;
  b.path = "b/liminal.yml";
  const fs::path file = checkout_.write(a.path, "");
  ASSERT_TRUE(write_from("one", a, {{"s/x.yaml", "x\n"}}));
  EXPECT_FALSE(write_from("one", b, {{"s/x.yaml", "y\n"}}));
  fs::remove(file);
  EXPECT_TRUE(write_from("one", b, {{"s/x.yaml", "y\n"}}));
}

TEST_F(RenderTo, ReadsTheFirstSchemaAndNoLaterOne) {
  folder_.write("liminal-manifest.json", R"({"schema": 1, "files": ["s/x.yaml"]})");
  folder_.write("s/x.yaml", "old\n");
  EXPECT_TRUE(write(of({{"s/x.yaml", "new\n"}})));
  folder_.write("liminal-manifest.json", R"({"schema": 9, "files": {}})");
  EXPECT_FALSE(write(of({{"s/x.yaml", "new\n"}})));
}

TEST_F(RenderTo, RefusesTheFileOfAnotherRepository) {
  model::System system;
  system.path = "liminal.yml";
  ASSERT_TRUE(write_from("one", system, {{"s/x.yaml", "x\n"}}));
  const auto refused = write_from("two", system, {{"s/x.yaml", "y\n"}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("was rendered from liminal.yml of one"));
}

TEST_F(RenderTo, RefusesASecondDagOfAName) {
  model::System a;
  a.path = "a/liminal.yml";
  model::System b;
  b.path = "b/liminal.yml";
  checkout_.write(a.path, "");
  ASSERT_TRUE(write_from("one", a, {{"a/dags/daily.py", "a\n"}}));
  for (const char* repository : {"one", "two"}) {
    const auto second = write_from(repository, b, {{"b/dags/daily.py", "b\n"}});
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, ::testing::HasSubstr("a/dags/daily.py, rendered from a/liminal.yml of one"));
  }
  EXPECT_FALSE(fs::exists(folder_.path() / "b"));
  ASSERT_TRUE(write_from("one", a, {{"a/dags/daily.py", "a\n"}}));
  // A system that was renamed, or whose file has gone, leaves its name to the next.
  ASSERT_TRUE(write_from("one", a, {{"renamed/dags/daily.py", "a\n"}}));
  fs::remove(checkout_.path() / a.path);
  EXPECT_TRUE(write_from("one", b, {{"b/dags/daily.py", "b\n"}}));
}

TEST_F(RenderTo, TakesADagThatMovedToAnotherFileOfTheSameRendering) {
  model::System a;
  a.path = "a/liminal.yml";
  model::System b;
  b.path = "b/liminal.yml";
  checkout_.write(a.path, "");
  checkout_.write(b.path, "");
  for (const char* repository : {"one", ""}) {
    const auto both = [&](const std::string& moved) {
      engine::Rendered rendered = of({{"a/dags/train.py", "t\n"}, {"b/dags/score.py", "s\n"}, {moved, "r\n"}});
      rendered.artifacts[0].system = &a;
      rendered.artifacts[1].system = &b;
      rendered.artifacts[2].system = moved.front() == 'a' ? &a : &b;
      return render_to(outside_.world(), rendered, {repository, checkout_.path()},
                       folder_.path() / "both" / repository);
    };
    ASSERT_TRUE(both("a/dags/report.py")) << repository;
    const auto moved = both("b/dags/report.py");
    ASSERT_TRUE(moved) << moved.error().message;
    EXPECT_THAT(moved->removed, ElementsAre("a/dags/report.py"));
  }
}

TEST_F(RenderTo, TakesSystemsThatChangedTheirFiles) {
  model::System a;
  a.path = "a/liminal.yml";
  model::System b;
  b.path = "b/liminal.yml";
  checkout_.write(a.path, "");
  checkout_.write(b.path, "");
  const auto render = [&](const model::System& first, const model::System& second) {
    engine::Rendered rendered = of({{"one/dags/p1.py", "1\n"}, {"two/dags/p2.py", first.path + "\n"}});
    rendered.artifacts[0].system = &first;
    rendered.artifacts[1].system = &second;
    return render_to(outside_.world(), rendered, {"one", checkout_.path()}, folder_.path());
  };
  ASSERT_TRUE(render(a, b));
  const auto swapped = render(b, a);
  ASSERT_TRUE(swapped) << swapped.error().message;
  EXPECT_TRUE(swapped->removed.empty());
}

TEST_F(RenderTo, RefusesASecondDagWhereRepositoriesHaveNoNames) {
  model::System system;
  system.path = "liminal.yml";
  ASSERT_TRUE(write_from("", system, {{"one/dags/p.py", "1\n"}}));
  EXPECT_FALSE(write_from("", system, {{"two/dags/p.py", "2\n"}}));
  EXPECT_TRUE(write_from("", system, {{"one/dags/p.py", "3\n"}}));
}

TEST_F(RenderTo, RefusesASecondObjectOfANameInOneNamespace) {
  model::System system;
  system.path = "liminal.yml";
  const auto write_claim = [&](const std::string& repository, const std::string& name,
                               const std::string& namespace_name) {
    engine::Rendered rendered = of({{name + "/persistentvolumeclaim-data.yaml",
                                     "kind: PersistentVolumeClaim\nmetadata: {namespace: " + namespace_name + "}\n"}});
    engine::Artifact& claim = rendered.artifacts.front();
    claim.system = &system;
    claim.api_kind = "PersistentVolumeClaim";
    claim.name = "data";
    claim.object = {{"metadata", {{"namespace", namespace_name}}}};
    return render_to(outside_.world(), rendered, {repository, checkout_.path()}, folder_.path());
  };
  ASSERT_TRUE(write_claim("one", "a", "ml"));
  const auto refused = write_claim("two", "b", "ml");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("the PersistentVolumeClaim data is there already"));
  EXPECT_TRUE(write_claim("two", "b", "web"));
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
                R"({"schema": 2, "files": {")" + kept.string() + R"(": {}, ")" + around + R"(": {}}})");
  ASSERT_TRUE(write(of({{"s/a.yaml", "a\n"}})));
  EXPECT_TRUE(fs::exists(kept));
}

TEST_F(RenderTo, ConvergesAfterARunThatWasCutOff) {
  // A cut-off run leaves a manifest that names more than is there.
  folder_.write("liminal-manifest.json", R"({"schema": 2, "files": {"s/a.yaml": {"repository": "example.org/team/one"},
                     "s/old.yaml": {"repository": "example.org/team/one"}}})");
  folder_.write("s/old.yaml", "old");
  ASSERT_TRUE(write(of({{"s/a.yaml", "a\n"}})));
  EXPECT_TRUE(fs::exists(folder_.path() / "s/a.yaml"));
  EXPECT_FALSE(fs::exists(folder_.path() / "s/old.yaml"));
}

}  // namespace
}  // namespace liminal::deploy
