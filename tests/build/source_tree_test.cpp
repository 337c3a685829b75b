#include "source_tree.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/as_nobody.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::build {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SourceTreeTest : public ::testing::Test {
 protected:
  Result<SourceTree> scan_only(const ScanRules& rules = {}) { return scan(outside.world(), folder.path(), rules); }
  SourceTree hashed(const SourceTree& known = {}, unsigned threads = 1) {
    auto tree = scan_only();
    EXPECT_TRUE(tree.has_value()) << (tree ? "" : tree.error().message);
    EXPECT_TRUE(hash_files(outside.world(threads), folder.path(), *tree, to_state(known)).has_value());
    return *tree;
  }
  static std::vector<std::string> paths(const SourceTree& tree) {
    std::vector<std::string> list;
    for (const SourceFile& file : tree.files) list.push_back(static_cast<char>(file.kind) + file.path);
    return list;
  }
  void clock_at(std::chrono::seconds from_now) {
    outside.clock.set(std::chrono::ceil<std::chrono::milliseconds>(std::chrono::system_clock::now()) + from_now);
  }

  testing::TemporaryFolder folder;
  testing::TestWorld outside;
};

TEST_F(SourceTreeTest, ListsInByteOrderOfPaths) {
  folder.write("b.py", "");
  folder.write("a/z", "");
  folder.write("a.py", "");
  folder.write("A", "");
  folder.write("\xc3\xa9", "");
  fs::create_symlink("../b.py", folder.path() / "a/link");
  const auto tree = scan_only();
  ASSERT_TRUE(tree.has_value());
  EXPECT_THAT(paths(*tree), ElementsAre("fA", "da", "fa.py", "la/link", "fa/z", "fb.py", "f\xc3\xa9"));
}

TEST_F(SourceTreeTest, LeavesOutWhatItIsTold) {
  folder.write("keep", "");
  folder.write("out/x", "");
  const auto tree = scan_only({[](std::string_view path) { return path == "out"; }, true});
  EXPECT_THAT(paths(*tree), ElementsAre("fkeep"));
}

TEST_F(SourceTreeTest, OnlyTheExecutableBitOfAModeCounts) {
  const auto file = folder.write("run", "x");
  fs::permissions(file, fs::perms(0600));
  const std::string plain = hashed().hash;
  fs::permissions(file, fs::perms(0664));
  EXPECT_EQ(hashed().hash, plain);
  fs::permissions(file, fs::perms(0710));
  EXPECT_NE(hashed().hash, plain);
  EXPECT_EQ(hashed().files.front().mode, 0755U);
}

TEST_F(SourceTreeTest, TheHashIsOfPathsKindsAndContentsAlone) {
  folder.write("a/x", "1");
  const std::string first = hashed().hash;
  fs::last_write_time(folder.path() / "a/x", fs::file_time_type::clock::now() - std::chrono::hours(1000));
  EXPECT_EQ(hashed({}, 8).hash, first);
  folder.write("a/x", "2");
  EXPECT_NE(hashed().hash, first);
  folder.write("a/x", "1");
  fs::create_directory(folder.path() / "empty");
  EXPECT_NE(hashed().hash, first);
  fs::remove(folder.path() / "empty");
  fs::rename(folder.path() / "a/x", folder.path() / "a/y");
  EXPECT_NE(hashed().hash, first);
}

TEST_F(SourceTreeTest, NamesAndContentsCannotBeTakenForOneAnother) {
  folder.write("ab", "c");
  const std::string first = hashed().hash;
  fs::remove(folder.path() / "ab");
  folder.write("a", "bc");
  EXPECT_NE(hashed().hash, first);
}

TEST_F(SourceTreeTest, LinksThatLeaveTheFolderAreRefused) {
  for (const char* target : {"/etc/passwd", "../outside", "a/../../outside", ".."}) {
    fs::create_symlink(target, folder.path() / "link");
    const auto tree = scan_only();
    ASSERT_FALSE(tree.has_value()) << target;
    EXPECT_THAT(tree.error().message, HasSubstr("leads out of its folder"));
    fs::remove(folder.path() / "link");
  }
}

TEST_F(SourceTreeTest, SocketsAndPipesAreRefused) {
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  const auto tree = scan_only();
  ASSERT_FALSE(tree.has_value());
  EXPECT_THAT(tree.error().message, HasSubstr("a socket, a pipe or a device"));
  EXPECT_THAT(tree.error().advice, HasSubstr(".dockerignore"));
  EXPECT_TRUE(scan_only({{}, false}).has_value());
}

TEST_F(SourceTreeTest, AllThatIsRefusedIsToldAtOnceInOrder) {
  fs::create_directory(folder.path() / "z");
  ASSERT_EQ(::mkfifo((folder.path() / "z/pipe").c_str(), 0600), 0);
  fs::create_symlink("/etc/passwd", folder.path() / "b");
  fs::create_symlink("/etc/passwd", folder.path() / "a");
  const auto tree = scan_only();
  ASSERT_FALSE(tree.has_value());
  EXPECT_THAT(tree.error().message, HasSubstr("3 entries of"));
  EXPECT_THAT(tree.error().causes, ::testing::ElementsAre(HasSubstr("/z/pipe is a socket"), HasSubstr("/a leads out"),
                                                          HasSubstr("/b leads out")));
  EXPECT_THAT(tree.error().advice, HasSubstr(".dockerignore"));
}

TEST_F(SourceTreeTest, OfFilesThatCannotBeReadTheFirstIsNamed) {
  for (const char* name : {"a", "b", "c", "d"}) folder.write(name, name);
  auto tree = scan_only();
  ASSERT_TRUE(tree);
  for (const char* name : {"b", "c", "d"}) fs::remove(folder.path() / name);
  const auto hashed = hash_files(outside.world(), folder.path(), *tree, "");
  ASSERT_FALSE(hashed);
  EXPECT_THAT(hashed.error().message, HasSubstr("/b"));
}

TEST_F(SourceTreeTest, StopsHashingWhenItIsInterrupted) {
  folder.write("big", std::string(1U << 20U, 'x'));
  auto tree = scan_only();
  ASSERT_TRUE(tree);
  outside.cancellation.request(2);
  const auto hashed = hash_files(outside.world(), folder.path(), *tree, "");
  ASSERT_FALSE(hashed);
  EXPECT_EQ(hashed.error().kind, ErrorKind::interrupted);
}

TEST_F(SourceTreeTest, WhatMayNotBeReadIsNotAtHand) {
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  const fs::path file = folder.write("locked", "x");
  ASSERT_EQ(::chmod(file.c_str(), 0), 0);
  const testing::AsNobody nobody;
  if (::geteuid() == 0) GTEST_SKIP() << "takes the right to be another user than root";
  auto tree = scan_only();
  ASSERT_TRUE(tree);
  const auto hashed = hash_files(outside.world(), folder.path(), *tree, "");
  ASSERT_FALSE(hashed);
  EXPECT_EQ(hashed.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(hashed.error().message, HasSubstr(file.string()));
  EXPECT_THAT(hashed.error().advice, HasSubstr("chmod"));
}

TEST_F(SourceTreeTest, AFolderThatMayNotBeReadIsNotAtHand) {
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  folder.write("locked/file", "x");
  ASSERT_EQ(::chmod((folder.path() / "locked").c_str(), 0), 0);
  const testing::AsNobody nobody;
  if (::geteuid() == 0) GTEST_SKIP() << "takes the right to be another user than root";
  const auto tree = scan_only();
  const auto itself = scan(outside.world(), folder.path() / "locked", {});
  ASSERT_FALSE(tree);
  ASSERT_FALSE(itself);
  for (const Error& error : {tree.error(), itself.error()}) {
    EXPECT_EQ(error.kind, ErrorKind::unavailable);
    EXPECT_THAT(error.message, HasSubstr((folder.path() / "locked").string()));
    EXPECT_THAT(error.advice, HasSubstr("chmod"));
  }
}

TEST_F(SourceTreeTest, AMissingFolderIsAnError) {
  const auto tree = scan(outside.world(), folder.path() / "missing", {});
  ASSERT_FALSE(tree.has_value());
  EXPECT_EQ(tree.error().kind, ErrorKind::usage);
}

TEST_F(SourceTreeTest, WhatIsKnownIsNotReadAgain) {
  folder.write("a", "one");
  clock_at(std::chrono::seconds(100));
  SourceTree known = hashed();
  known.files.front().content = "believed";
  EXPECT_EQ(hashed(known).files.front().content, "believed");
  folder.write("a", "two");
  EXPECT_NE(hashed(known).files.front().content, "believed");
}

TEST_F(SourceTreeTest, AFileThatChangedAsItWasScannedIsReadAgain) {
  folder.write("a", "one");
  clock_at(std::chrono::seconds(0));
  SourceTree known = hashed();
  known.files.front().content = "believed";
  EXPECT_NE(hashed(known).files.front().content, "believed");
}

TEST_F(SourceTreeTest, StateComesBackAsItWas) {
  folder.write("a b\n c", "x");
  fs::create_symlink("a b\n c", folder.path() / "link");
  const SourceTree tree = hashed();
  const SourceTree back = from_state(to_state(tree));
  EXPECT_EQ(back.hash, tree.hash);
  EXPECT_EQ(back.scanned_ns, tree.scanned_ns);
  EXPECT_THAT(changed_paths(tree, back, 10), IsEmpty());
  EXPECT_EQ(back.files.size(), 2U);
  EXPECT_EQ(back.files.front().inode, tree.files.front().inode);
}

TEST_F(SourceTreeTest, DamagedStateIsNoState) {
  folder.write("a", "x");
  const std::string state = to_state(hashed());
  EXPECT_TRUE(from_state("").files.empty());
  EXPECT_TRUE(from_state("something else").files.empty());
  for (std::size_t length = 0; length < state.size(); ++length) {
    const SourceTree tree = from_state(state.substr(0, length));
    EXPECT_LE(tree.files.size(), 1U);
  }
}

TEST_F(SourceTreeTest, TellsWhatChanged) {
  folder.write("changed", "1");
  folder.write("gone", "");
  folder.write("same", "");
  const SourceTree before = hashed();
  folder.write("changed", "2");
  folder.write("new", "");
  fs::remove(folder.path() / "gone");
  const SourceTree after = hashed();
  EXPECT_THAT(changed_paths(before, after, 10), ElementsAre("changed", "gone", "new"));
  EXPECT_THAT(changed_paths(before, after, 2), ElementsAre("changed", "gone"));
  EXPECT_THAT(changed_paths(after, after, 2), IsEmpty());
}

}  // namespace
}  // namespace liminal::build
