// DAG files for an Airflow's folder: what is written, kept, removed and refused.
#include <gmock/gmock.h>

#include "liminal/deploy/deploy.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::deploy {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DeliverDags : public ::testing::Test {
 protected:
  // The pipelines of one system, each with its text.
  engine::Rendered of(const std::string& system, const std::vector<std::pair<std::string, std::string>>& dags) {
    systems_.push_back(std::make_unique<model::System>());
    systems_.back()->name = system;
    engine::Rendered rendered;
    for (const auto& [name, text] : dags) {
      engine::Artifact artifact;
      artifact.kind = engine::Artifact::Kind::dag_file;
      artifact.path = system + "/dags/" + name + ".py";
      artifact.name = name;
      artifact.api_kind = "DAG";
      artifact.content = text;
      artifact.system = systems_.back().get();
      rendered.artifacts.push_back(std::move(artifact));
    }
    return rendered;
  }
  Result<DeliveredDags> deliver(const engine::Rendered& rendered, const std::string& repository = "host/team/repo",
                                bool clean = false) {
    return deliver_dags(outside_.world(), rendered, folder_.path(), {repository, clean, {}});
  }
  [[nodiscard]] bool there(const std::string& path) const { return fs::exists(folder_.path() / path); }
  [[nodiscard]] std::string text_of(const std::string& path) {
    return outside_.files.read(folder_.path() / path, 1 << 20).value_or("");
  }

  testing::TemporaryFolder folder_;
  testing::TestWorld outside_;
  std::vector<std::unique_ptr<model::System>> systems_;
};

TEST_F(DeliverDags, WritesThenFindsNothingToChange) {
  const auto first = deliver(of("s", {{"a", "a\n"}, {"b", "b\n"}}));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_THAT(first->files.written, ElementsAre("s/a.py", "s/b.py"));
  const auto again = deliver(of("s", {{"a", "a\n"}, {"b", "b\n"}}));
  ASSERT_TRUE(again);
  EXPECT_THAT(again->files.written, IsEmpty());
  EXPECT_THAT(again->files.unchanged, ElementsAre("s/a.py", "s/b.py"));
}

TEST_F(DeliverDags, WritesNoObjectsBesides) {
  auto rendered = of("s", {{"a", "a\n"}});
  rendered.artifacts.front().kind = engine::Artifact::Kind::kubernetes_object;
  ASSERT_TRUE(deliver(rendered));
  EXPECT_FALSE(there("s"));
}

TEST_F(DeliverDags, RemovesWhatTheSystemHasNoMore) {
  ASSERT_TRUE(deliver(of("s", {{"a", "a\n"}, {"b", "b\n"}})));
  const auto result = deliver(of("s", {{"a", "a\n"}}));
  ASSERT_TRUE(result);
  EXPECT_THAT(result->files.removed, ElementsAre("s/b.py"));
  EXPECT_FALSE(there("s/b.py"));
}

TEST_F(DeliverDags, RemovesAllOfASystemThatMakesNone) {
  ASSERT_TRUE(deliver(of("s", {{"a", "a\n"}})));
  ASSERT_TRUE(deliver(of("t", {{"b", "b\n"}})));
  const auto result = deliver_dags(outside_.world(), {}, folder_.path(), {"host/team/repo", false, {"s"}});
  ASSERT_TRUE(result);
  EXPECT_THAT(result->files.removed, ElementsAre("s/a.py"));
  EXPECT_FALSE(there("s/a.py"));
  EXPECT_TRUE(there("t/b.py"));
  const auto others = deliver_dags(outside_.world(), {}, folder_.path(), {"host/other/repo", false, {"t"}});
  ASSERT_TRUE(others);
  EXPECT_THAT(others->files.removed, IsEmpty());
  EXPECT_TRUE(there("t/b.py"));
}

TEST_F(DeliverDags, LeavesOtherSystemsAndTellsOfThem) {
  ASSERT_TRUE(deliver(of("s", {{"a", "a\n"}})));
  ASSERT_TRUE(deliver(of("t", {{"b", "b\n"}}), "host/other/repo"));
  const auto result = deliver(of("u", {{"c", "c\n"}}));
  ASSERT_TRUE(result);
  EXPECT_TRUE(there("s/a.py"));
  EXPECT_TRUE(there("t/b.py"));
  ASSERT_EQ(result->notes.size(), 1U);
  EXPECT_THAT(result->notes.front(), HasSubstr("the system s"));
}

TEST_F(DeliverDags, ReplacesAFileThatWasChangedByHand) {
  ASSERT_TRUE(deliver(of("s", {{"a", "a\n"}})));
  folder_.write("s/a.py", "by hand");
  ASSERT_TRUE(deliver(of("s", {{"a", "a\n"}})));
  EXPECT_EQ(text_of("s/a.py"), "a\n");
}

TEST_F(DeliverDags, RefusesAnothersFileAndNamesWhose) {
  ASSERT_TRUE(deliver(of("s", {{"a", "a\n"}}), "host/other/repo"));
  const auto refused = deliver(of("s", {{"a", "mine\n"}, {"b", "b\n"}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().message, HasSubstr("the system s of host/other/repo"));
  EXPECT_EQ(text_of("s/a.py"), "a\n");
  EXPECT_FALSE(there("s/b.py")) << "nothing is written when something is refused";
}

TEST_F(DeliverDags, RefusesAnothersDagOfTheSameName) {
  ASSERT_TRUE(deliver(of("s", {{"a", "a\n"}}), "host/other/repo"));
  const auto refused = deliver(of("t", {{"a", "mine\n"}}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("s/a.py is of the system s of host/other/repo"));
}

TEST_F(DeliverDags, RefusesTwoDagsOfOneName) {
  auto both = of("s", {{"a", "a\n"}});
  const auto other = of("t", {{"a", "b\n"}});
  both.artifacts.push_back(other.artifacts.front());
  const auto refused = deliver(both);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("the pipeline a is in the system s"));
}

TEST_F(DeliverDags, RefusesAFileOfAPerson) {
  folder_.write("s/a.py", "theirs");
  const auto refused = deliver(of("s", {{"a", "a\n"}}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("was not delivered by liminal"));
  EXPECT_EQ(text_of("s/a.py"), "theirs");
}

TEST_F(DeliverDags, CleansOnlyItsOwn) {
  ASSERT_TRUE(deliver(of("s", {{"a", "a\n"}, {"b", "b\n"}})));
  folder_.write("s/theirs.py", "theirs");
  const auto result = deliver(of("s", {{"a", "a\n"}}), "host/team/repo", true);
  ASSERT_TRUE(result);
  EXPECT_THAT(result->files.written, ElementsAre("s/a.py"));
  EXPECT_THAT(result->files.removed, ElementsAre("s/b.py"));
  EXPECT_TRUE(there("s/theirs.py"));
}

TEST_F(DeliverDags, RefusesLinksAndPathsThatLeadOut) {
  const testing::TemporaryFolder elsewhere;
  fs::create_directory_symlink(elsewhere.path(), folder_.path() / "s");
  EXPECT_FALSE(deliver(of("s", {{"a", "a\n"}})));
  EXPECT_TRUE(fs::is_empty(elsewhere.path()));
  EXPECT_FALSE(deliver(of("..", {{"a", "a\n"}})));
}

TEST_F(DeliverDags, DoesNotRemoveWhatATamperedListNamesOutside) {
  const testing::TemporaryFolder victim;
  const fs::path kept = victim.write("kept", "kept");
  const std::string around = "../" + victim.path().filename().string() + "/kept";
  for (const std::string& path : {kept.string(), around}) {
    folder_.write(".liminal-deliveries.json",
                  R"({"schema":1,"files":[{"path":")" + path +
                      R"(","repository":"host/team/repo","system":"s","dag":"x","sha256":""}]})");
    ASSERT_TRUE(deliver(of("s", {{"a", "a\n"}})));
    EXPECT_TRUE(fs::exists(kept));
  }
}

TEST_F(DeliverDags, RefusesAListThatCannotBeRead) {
  for (const char* text : {"", "[]", "{}", R"({"files":[{}]})", "garbage"}) {
    folder_.write(".liminal-deliveries.json", text);
    EXPECT_FALSE(deliver(of("s", {{"a", "a\n"}}))) << text;
  }
}

// Cut off after any of its writes, the next one ends where an undisturbed one does.
TEST_F(DeliverDags, ConvergesAfterADeliveryThatWasCutOff) {
  ASSERT_TRUE(deliver(of("s", {{"old", "old\n"}})));
  fs::create_directory(folder_.path() / "s/b.py");  // where the second file cannot be put
  EXPECT_FALSE(deliver(of("s", {{"a", "a\n"}, {"b", "b\n"}})));
  fs::remove(folder_.path() / "s/b.py");
  const auto result = deliver(of("s", {{"a", "a\n"}, {"b", "b\n"}}));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(there("s/a.py") && there("s/b.py"));
  EXPECT_FALSE(there("s/old.py"));
  EXPECT_THAT(text_of(".liminal-deliveries.json"), ::testing::Not(HasSubstr("old")));
}

TEST(RepositoryName, IsTheSameForEveryCheckout) {
  const testing::TemporaryFolder folder;
  testing::TestWorld outside;
  const World world = outside.world();
  EXPECT_EQ(repository_name(world, folder.path()), folder.path().string());
  for (const char* url : {"https://user:secret@host/team/repo.git", "git@host:team/repo.git",
                          "ssh://git@host/team/repo", "https://host/team/repo"}) {
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    fs::create_directories(folder.path() / ".git/objects");
    fs::create_directories(folder.path() / ".git/refs");
    folder.write(".git/config", std::string("[remote \"origin\"]\n\turl = ") + url + "\n");
    EXPECT_EQ(repository_name(world, folder.path() / "below"), "host/team/repo") << url;
  }
}

// Without git, and where git would not look: what it says is read from its files.
TEST(RepositoryName, IsThatOfTheWorktreeAndOfItsOwnRemote) {
  const testing::TemporaryFolder folder;
  testing::TestWorld outside;
  const World world = outside.world();
  folder.write("whole/.git/config",
               "[remote \"fork\"]\n\turl = https://host/other\n[remote \"origin\"]\n\tfetch = +x\n"
               "\turl = \"https://host/team/repo.git\" ; ours\n[branch \"main\"]\n\turl = https://host/wrong\n");
  folder.write("whole/.git/worktrees/side/commondir", "../..\n");
  folder.write("side/.git", "gitdir: " + (folder.path() / "whole/.git/worktrees/side").string() + "\n");
  EXPECT_EQ(repository_name(world, folder.path() / "whole"), "host/team/repo");
  EXPECT_EQ(repository_name(world, folder.path() / "side"), "host/team/repo");
}

}  // namespace
}  // namespace liminal::deploy
