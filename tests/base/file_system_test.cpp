#include "liminal/base/file_system.hpp"

#include <array>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

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

TEST(NativeFileSystem, ReplacesALinkAndNotWhatItLeadsTo) {
  const testing::TemporaryFolder folder;
  NativeFileSystem files;
  const auto other = folder.write("other", "kept");
  for (const char* target : {"other", "nothing"}) {
    std::filesystem::remove(folder.path() / "report");
    std::filesystem::create_symlink(target, folder.path() / "report");
    ASSERT_TRUE(files.write_to_named(folder.path() / "report", "text"));
    EXPECT_EQ(files.info(folder.path() / "report")->kind, FileInfo::Kind::regular);
  }
  EXPECT_EQ(files.read(other, 100).value(), "kept");
  EXPECT_FALSE(files.info(folder.path() / "nothing"));
}

TEST(NativeFileSystem, WritesIntoAPipeAndLeavesItThere) {
  const testing::TemporaryFolder folder;
  NativeFileSystem files;
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_symlink("pipe", folder.path() / "link");
  const auto unread = files.write_to_named(pipe, "text");
  ASSERT_FALSE(unread);  // rather than a wait
  EXPECT_EQ(unread.error().kind, ErrorKind::usage);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_TRUE(files.write_to_named(folder.path() / "link", "text"));
  std::array<char, 16> buffer{};
  EXPECT_EQ(::read(reader, buffer.data(), buffer.size()), 4);
  ::close(reader);
  EXPECT_FALSE(files.write(pipe, "text", 0644));
  EXPECT_EQ(files.info(pipe)->kind, FileInfo::Kind::other);
  EXPECT_EQ(files.info(folder.path() / "link")->kind, FileInfo::Kind::symlink);
}

TEST(NativeFileSystem, NeverReplacesADevice) {
  const testing::TemporaryFolder folder;
  NativeFileSystem files;
  const auto full = folder.path() / "full";
  const auto disk = folder.path() / "disk";
  const bool may_make = ::mknod(full.c_str(), S_IFCHR | 0666, makedev(1, 7)) == 0 &&
                        ::mknod(disk.c_str(), S_IFBLK | 0666, makedev(7, 200)) == 0;
  if (!may_make) GTEST_SKIP() << "takes the right to make device files";
  for (const auto& [device, kind] : {std::pair{full, S_IFCHR}, std::pair{disk, S_IFBLK}}) {
    EXPECT_FALSE(files.write_to_named(device, "text"));
    EXPECT_FALSE(files.write(device, "text", 0644));
    struct stat status {};
    ASSERT_EQ(::stat(device.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & S_IFMT, static_cast<mode_t>(kind));
  }
}

// `> log` and `--report junit=/dev/stdout`: what stands in the log stays, and what comes afterwards follows.
TEST(NativeFileSystem, WritesIntoAnOpenFileWhereItStands) {
  const testing::TemporaryFolder folder;
  NativeFileSystem files;
  const auto log = folder.path() / "log";
  const int descriptor = ::open(log.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const auto put = [&](std::string_view text) { return ::write(descriptor, text.data(), text.size()); };
  ASSERT_EQ(put("before "), 7);
  std::filesystem::create_symlink("/dev/fd/" + std::to_string(descriptor), folder.path() / "link");
  ASSERT_TRUE(files.write_to_named("/proc/self/fd/" + std::to_string(descriptor), "one "));
  ASSERT_TRUE(files.write_to_named(folder.path() / "link", "two "));
  ASSERT_EQ(put("after"), 5);
  ::close(descriptor);
  EXPECT_EQ(files.read(log, 100).value(), "before one two after");
}

TEST(NativeFileSystem, TellsARefusalFromAFullDisk) {
  NativeFileSystem files;
  const auto full = files.write_to_named("/dev/full", "text");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().kind, ErrorKind::failed);
  const auto refused = files.write_to_named("/proc/sys/text", "text");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().kind, ErrorKind::failed);
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
