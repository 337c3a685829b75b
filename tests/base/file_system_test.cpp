#include "liminal/base/file_system.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temporary_folder.hpp"

namespace liminal {
namespace {

TEST(NativeFileSystem, WritesWholeFilesAndLeavesNoTemporary) {
  const testing::TemporaryFolder folder;
  NativeFileSystem files;
  ASSERT_TRUE(files.write(folder.path() / "a/b.txt", "one", 0644));
  ASSERT_TRUE(files.write(folder.path() / "a/b.txt", "two", 0600));
  EXPECT_EQ(files.read(folder.path() / "a/b.txt", 100).value(), "two");
  const auto entries = files.list(folder.path() / "a");
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->size(), 1U);
  EXPECT_EQ(files.info(folder.path() / "a/b.txt")->mode, 0600U);
}

TEST(NativeFileSystem, RefusesWhatIsNoRegularFileOrTooLarge) {
  const testing::TemporaryFolder folder;
  const NativeFileSystem files;
  ASSERT_EQ(::mkfifo((folder.path() / "fifo").c_str(), 0600), 0);
  EXPECT_FALSE(files.read(folder.path() / "fifo", 100));
  EXPECT_FALSE(files.read(folder.path(), 100));
  EXPECT_FALSE(files.read(folder.write("big", std::string(101, 'x')), 100));
  EXPECT_TRUE(files.read(folder.write("fits", std::string(100, 'x')), 100));
}

TEST(NativeFileSystem, KeepsPathsBeneathTheirRoot) {
  const testing::TemporaryFolder folder;
  const NativeFileSystem files;
  folder.write("root/in/file", "x");
  folder.write("outside", "y");
  std::filesystem::create_symlink("../outside", folder.path() / "root/link");
  EXPECT_TRUE(files.resolve_beneath(folder.path() / "root", "in/../in/file"));
  EXPECT_TRUE(files.resolve_beneath(folder.path() / "root", "not/there"));
  EXPECT_FALSE(files.resolve_beneath(folder.path() / "root", "../outside"));
  EXPECT_FALSE(files.resolve_beneath(folder.path() / "root", "link"));
  EXPECT_FALSE(files.resolve_beneath(folder.path() / "root", "/etc/passwd"));
}

}  // namespace
}  // namespace liminal
