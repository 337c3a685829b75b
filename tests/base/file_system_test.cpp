#include "liminal/base/file_system.hpp"

#include <array>
#include <csignal>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "liminal/base/file_stream.hpp"

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

TEST(NativeFileSystem, SaysWhatToDoAboutAPathThatCannotBe) {
  const testing::TemporaryFolder folder;
  NativeFileSystem files;
  const auto file = folder.write("file", "");
  for (const auto& made : {files.make_directories(file), files.make_directories(file / "below")}) {
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().advice.find("name another folder"), std::string::npos) << made.error().message;
  }
  const auto written = files.write(folder.path() / std::string(300, 'x'), "", 0644);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().advice, "choose a shorter name");
}

// While it lives, the umask is another one.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  mode_t before_;
};

TEST(NativeFileSystem, FollowsTheUmaskWhereNoModeIsAskedFor) {
  const testing::TemporaryFolder folder;
  NativeFileSystem native;
  FileSystem& files = native;
  for (const auto& [mask, mode] : {std::pair{077U, 0600U}, {022U, 0644U}, {002U, 0664U}}) {
    const Umask masked(mask);
    const std::string name = std::to_string(mask);
    ASSERT_TRUE(files.write(folder.path() / name, "text"));
    EXPECT_EQ(files.info(folder.path() / name)->mode, mode);
    ASSERT_TRUE(files.write(folder.path() / (name + "-asked"), "text", 0755));
    EXPECT_EQ(files.info(folder.path() / (name + "-asked"))->mode, 0755U);
    auto writer = FileWriter::create(folder.path());
    ASSERT_TRUE(writer && writer->commit(folder.path() / (name + "-stream")));
    EXPECT_EQ(files.info(folder.path() / (name + "-stream"))->mode, mode);
  }
}

TEST(NativeFileSystem, KeepsTheModeOfTheFileItReplaces) {
  const testing::TemporaryFolder folder;
  NativeFileSystem native;
  FileSystem& files = native;
  const auto file = folder.write("file", "one");
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  ASSERT_TRUE(files.write(file, "two"));
  EXPECT_EQ(files.info(file)->mode, 0640U);
  EXPECT_EQ(files.read(file, 100).value(), "two");
  // A link has all bits set, and says nothing about the file in its place.
  std::filesystem::create_symlink("file", folder.path() / "link");
  const Umask masked(022);
  ASSERT_TRUE(files.write(folder.path() / "link", "three"));
  EXPECT_EQ(files.info(folder.path() / "link")->mode, 0644U);
}

// Runs `work` in a child process until it has written a byte into the pipe that it is given, and kills it.
template <class Work>
void kill_amidst(Work work) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    work(pipe[1]);
    ::_exit(1);
  }
  char byte = 0;
  EXPECT_EQ(::read(pipe[0], &byte, 1), 1);
  ::kill(child, SIGKILL);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  ::close(pipe[0]);
  ::close(pipe[1]);
}

bool makes_files_without_names(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  return file >= 0;
}

TEST(FileWriter, LeavesNothingWhenItIsKilled) {
  const testing::TemporaryFolder folder;
  if (!makes_files_without_names(folder.path())) GTEST_SKIP() << "takes a file system with O_TMPFILE";
  kill_amidst([&](int ready) {
    auto writer = FileWriter::create(folder.path() / "blobs");
    if (writer && writer->write("half") && ::write(ready, "x", 1) == 1) ::pause();
  });
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "blobs"));
}

TEST(NativeFileSystem, LeavesNothingWhenItIsKilled) {
  const testing::TemporaryFolder folder;
  if (!makes_files_without_names(folder.path())) GTEST_SKIP() << "takes a file system with O_TMPFILE";
  const std::string content(4U << 20U, 'x');
  kill_amidst([&](int ready) {
    NativeFileSystem files;
    for (int i = 0;; ++i) {
      if (!files.write(folder.path() / std::to_string(i), content, 0644)) ::_exit(1);
      if (i == 0 && ::write(ready, "x", 1) != 1) ::_exit(1);
    }
  });
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_EQ(entry.path().extension(), "");
    EXPECT_EQ(entry.file_size(), content.size());
  }
}

// Without /proc a file without a name could not be given one.
TEST(NativeFileSystem, WritesWhereFilesHaveANameFromTheStart) {
  const testing::TemporaryFolder folder;
  ASSERT_EQ(::chmod(folder.write("kept", "one").c_str(), 0640), 0);
  constexpr int may_not = 77;
  const pid_t child = ::fork();
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", "/proc", "tmpfs", 0, nullptr) != 0)
      ::_exit(may_not);
    ::umask(027);
    NativeFileSystem native;
    FileSystem& files = native;
    bool written = files.write(folder.path() / "new", "text") && files.write(folder.path() / "kept", "two") &&
                   files.write(folder.path() / "asked", "text", 0604);
    {
      auto unfinished = FileWriter::create(folder.path() / "stream");
      written = written && unfinished && unfinished->write("half");
    }
    ::_exit(written ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WEXITSTATUS(status) == may_not) GTEST_SKIP() << "takes the right to mount";
  ASSERT_EQ(status, 0);
  const NativeFileSystem files;
  EXPECT_EQ(files.info(folder.path() / "new")->mode, 0640U);
  EXPECT_EQ(files.info(folder.path() / "kept")->mode, 0640U);
  EXPECT_EQ(files.info(folder.path() / "asked")->mode, 0604U);
  EXPECT_EQ(files.read(folder.path() / "kept", 100).value(), "two");
  EXPECT_EQ(files.list(folder.path())->size(), 4U);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "stream"));
}

TEST(FileWriter, ReplacesWhatIsThereAndForgetsWhatIsNotFinished) {
  const testing::TemporaryFolder folder;
  const auto file = folder.write("file", "one");
  {
    auto writer = FileWriter::create(folder.path());
    ASSERT_TRUE(writer && writer->write("two") && writer->commit(file));
    auto unfinished = FileWriter::create(folder.path());
    ASSERT_TRUE(unfinished && unfinished->write("three"));
  }
  EXPECT_EQ(NativeFileSystem().read(file, 100).value(), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
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
  EXPECT_FALSE(files.resolve_beneath(folder.path() / "root", "not/../../outside"));
  EXPECT_FALSE(files.resolve_beneath(folder.path() / "root", "in/../.."));
  EXPECT_FALSE(files.resolve_beneath(folder.path() / "root", "not/../link"));
  EXPECT_FALSE(files.resolve_beneath(folder.path() / "root", "../outside"));
  EXPECT_FALSE(files.resolve_beneath(folder.path() / "root", "link"));
  EXPECT_FALSE(files.resolve_beneath(folder.path() / "root", "/etc/passwd"));
}

TEST(NativeFileSystem, ResolvesTheSamePathWithLinksAndWithout) {
  const testing::TemporaryFolder folder;
  const NativeFileSystem files;
  folder.write("root/in/file", "x");
  std::filesystem::create_symlink("in", folder.path() / "root/same");
  std::filesystem::create_symlink("root", folder.path() / "linked");
  const std::filesystem::path real = std::filesystem::canonical(folder.path()) / "root";
  for (const char* root : {"root", "linked", "linked/"}) {
    for (const char* written : {"in/file", "same/file", "./in//file", "in/../same/file"})
      EXPECT_EQ(files.resolve_beneath(folder.path() / root, written), real / "in/file") << root << " " << written;
    for (const char* written : {"in", "in/", "same", "in/."})
      EXPECT_EQ(files.resolve_beneath(folder.path() / root, written), real / "in") << root << " " << written;
    for (const char* written : {"", ".", "in/.."})
      EXPECT_EQ(files.resolve_beneath(folder.path() / root, written), real) << root << " " << written;
    EXPECT_EQ(files.resolve_beneath(folder.path() / root, "same/not/there"), real / "in/not/there") << root;
    EXPECT_EQ(files.resolve_beneath(folder.path() / root, "in/not/../there"), real / "in/there") << root;
  }
}

}  // namespace
}  // namespace liminal
