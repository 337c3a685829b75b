// Programs in the background: that they go on, are known again, and end with all that they started.
#include "liminal/base/background_process.hpp"

#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "liminal/base/process.hpp"
#include "liminal/base/random.hpp"

#include "support/temporary_folder.hpp"

namespace liminal {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class BackgroundProcess : public ::testing::Test {
 protected:
  ~BackgroundProcess() override { static_cast<void>(runner.stop(family(), milliseconds(0))); }

  void start(const std::string& script) {
    auto identity = runner.start({{"sh", "-c", script},
                                  {{"PATH", "/usr/bin:/bin"}, {"LIMINAL_TEST_MARK", token}},
                                  folder.path().string(),
                                  folder.path() / "log"});
    ASSERT_TRUE(identity) << identity.error().message;
    leader = *identity;
  }
  [[nodiscard]] ProcessFamily family() const { return {leader, "LIMINAL_TEST_MARK=" + token, folder.path()}; }
  [[nodiscard]] std::string text_of(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder.path() / name).rdbuf();
    return text.str();
  }
  // What a script writes into a file of the folder, once it is there with its line end.
  [[nodiscard]] std::string awaited(const std::string& name) const {
    for (int i = 0; i < 500 && !text_of(name).ends_with('\n'); ++i) std::this_thread::sleep_for(milliseconds(10));
    return text_of(name);
  }
  // A process that is there and has not ended: one that has and was not waited for does not count.
  static bool alive(const std::string& id) {
    std::ifstream file("/proc/" + std::to_string(std::stoi(id)) + "/stat");
    std::string stat;
    std::getline(file, stat);
    return !stat.empty() && stat.find(") Z") == std::string::npos;
  }

  testing::TemporaryFolder folder;
  NativeProcessRunner runner{"/usr/bin:/bin"};
  std::string token = random_text(20);
  ProcessIdentity leader;
};

TEST_F(BackgroundProcess, LeadsASessionAndWritesIntoAFileThatNobodyElseReads) {
  start("echo out; echo oops >&2; ps -o sid= -p $$ >session; sleep 60");
  EXPECT_EQ(std::stoi(awaited("session")), leader.id);
  EXPECT_EQ(text_of("log"), "out\noops\n");
  struct stat info {};
  ASSERT_EQ(::stat((folder.path() / "log").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  EXPECT_TRUE(runner.is_running(leader));
  EXPECT_TRUE(runner.stop(family(), milliseconds(2000)));
  EXPECT_FALSE(runner.is_running(leader));
}

TEST_F(BackgroundProcess, EndsWithItsChildrenWhenTheLeaderHasGone) {
  start("(sleep 300 & echo $! >child; wait) & sleep 0.2; kill -9 $$");
  const std::string child = awaited("child");
  for (int i = 0; i < 300 && runner.is_running(leader); ++i) std::this_thread::sleep_for(milliseconds(10));
  ASSERT_FALSE(runner.is_running(leader));
  ASSERT_TRUE(alive(child));
  const auto ended = runner.stop(family(), milliseconds(2000));
  ASSERT_TRUE(ended);
  EXPECT_GE(*ended, 1U);
  EXPECT_FALSE(alive(child));
}

TEST_F(BackgroundProcess, FindsWhatWentIntoASessionOfItsOwnAndLostItsParent) {
  start("setsid sh -c 'echo $$ >child; exec sleep 300' & sleep 60");
  const std::string child = awaited("child");
  ASSERT_TRUE(runner.stop(family(), milliseconds(2000)));
  EXPECT_FALSE(alive(child));
}

TEST_F(BackgroundProcess, FindsAFamilyWhoseLeaderWasNeverWrittenDown) {
  start("echo $$ >child; exec sleep 300");
  const std::string child = awaited("child");
  ProcessFamily by_mark = family();
  by_mark.leader = {};
  EXPECT_EQ(runner.stop(by_mark, milliseconds(2000)), 1U);
  EXPECT_FALSE(alive(child));
}

TEST_F(BackgroundProcess, KillsWhatDoesNotListen) {
  start("trap '' TERM; echo $$ >child; while :; do sleep 0.1; done");
  const std::string child = awaited("child");
  ASSERT_TRUE(runner.stop(family(), milliseconds(300)));
  EXPECT_FALSE(alive(child));
}

TEST_F(BackgroundProcess, NeverTakesAProcessOfTheSameIdForItself) {
  start("echo $$ >child; exec sleep 300");
  const std::string child = awaited("child");
  ProcessFamily other = family();
  other.mark = "LIMINAL_TEST_MARK=another";
  other.leader.started -= 1;
  EXPECT_FALSE(runner.is_running(other.leader));
  EXPECT_EQ(runner.stop(other, milliseconds(0)), 0U);
  other = family();
  other.mark = "LIMINAL_TEST_MARK=another";
  other.leader.boot = "another start of the machine";
  EXPECT_FALSE(runner.is_running(other.leader));
  EXPECT_EQ(runner.stop(other, milliseconds(0)), 0U);
  EXPECT_TRUE(alive(child));
}

TEST_F(BackgroundProcess, StoppedTwiceIsFine) {
  start("exec sleep 300");
  EXPECT_EQ(runner.stop(family(), milliseconds(2000)), 1U);
  EXPECT_EQ(runner.stop(family(), milliseconds(2000)), 0U);
}

TEST_F(BackgroundProcess, SaysWhatIsNotThere) {
  const auto none = runner.start({{"no-such-program"}, {}, folder.path().string(), folder.path() / "log"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(none.error().message, HasSubstr("no-such-program"));
  EXPECT_FALSE(runner.start({{"sh"}, {}, (folder.path() / "none").string(), folder.path() / "log"}));
}

TEST(RandomText, HasTheLengthAskedForAndIsNotTheSameTwice) {
  EXPECT_EQ(random_text(100).size(), 100U);
  EXPECT_NE(random_text(20), random_text(20));
}

}  // namespace
}  // namespace liminal
