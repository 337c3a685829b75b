#include "liminal/base/process.hpp"

#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temporary_folder.hpp"

namespace liminal {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

struct Output {
  std::vector<std::string> lines;
  std::vector<std::string> error_lines;
};

ProcessRequest shell(const std::string& script, Output& output) {
  ProcessRequest request;
  request.arguments = {"sh", "-c", script};
  request.environment = {{"PATH", "/usr/bin:/bin"}};
  request.on_output = [&output](std::string_view line) { output.lines.emplace_back(line); };
  request.on_error_output = [&output](std::string_view line) { output.error_lines.emplace_back(line); };
  return request;
}

ProcessOutcome run(const ProcessRequest& request) {
  NativeProcessRunner runner("/usr/bin:/bin");
  auto outcome = runner.run(request);
  EXPECT_TRUE(outcome.has_value());
  return outcome.value_or(ProcessOutcome{});
}

TEST(Process, HandsOnEachLineOfBothStreams) {
  Output output;
  const auto outcome = run(shell("printf 'a\\r\\n\\nb'; printf 'oops\\n' >&2; exit 3", output));
  EXPECT_EQ(outcome.exit_status, 3);
  EXPECT_THAT(output.lines, ElementsAre("a", "", "b"));
  EXPECT_THAT(output.error_lines, ElementsAre("oops"));
}

TEST(Process, FeedsInputLargerThanAPipeWithoutDeadlock) {
  Output output;
  ProcessRequest request = shell("cat", output);
  for (int line = 0; line < 200'000; ++line) request.input += "0123456789\n";
  EXPECT_EQ(run(request).exit_status, 0);
  EXPECT_EQ(output.lines.size(), 200'000U);
}

TEST(Process, SurvivesAProgramThatDoesNotReadItsInput) {
  Output output;
  ProcessRequest request = shell("exec <&-; exit 7", output);
  request.input.assign(1 << 20, 'x');
  EXPECT_EQ(run(request).exit_status, 7);
}

TEST(Process, EmptyInputIsEndOfFile) {
  Output output;
  EXPECT_EQ(run(shell("cat; echo done", output)).exit_status, 0);
  EXPECT_THAT(output.lines, ElementsAre("done"));
}

TEST(Process, CutsALineWithoutEndIntoPieces) {
  Output output;
  ASSERT_EQ(run(shell("head -c 200000 /dev/zero | tr '\\0' x", output)).exit_status, 0);
  ASSERT_EQ(output.lines.size(), 4U);
  EXPECT_EQ(output.lines.front().size(), 64U * 1024);
}

TEST(Process, EndsTheWholeGroupOnTimeout) {
  Output output;
  ProcessRequest request = shell("sleep 60 & echo $!; wait", output);
  request.timeout = milliseconds(200);
  const auto outcome = run(request);
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_EQ(outcome.exit_status, 128 + SIGTERM);
  ASSERT_EQ(output.lines.size(), 1U);
  bool gone = false;
  for (int look = 0; look < 100 && !gone; ++look) {
    std::ifstream state("/proc/" + output.lines[0] + "/stat");
    std::string text;
    gone = !std::getline(state, text) || text.find(") Z") != std::string::npos;
    if (!gone) std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_TRUE(gone);
}

TEST(Process, KillsWhatIgnoresTheFirstSignal) {
  Output output;
  ProcessRequest request = shell("trap '' TERM; while :; do sleep 1; done", output);
  request.timeout = milliseconds(100);
  request.grace = milliseconds(100);
  const auto begin = std::chrono::steady_clock::now();
  const auto outcome = run(request);
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_EQ(outcome.exit_status, 128 + SIGKILL);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Process, StopsWhenCancelledEvenWhileItPrintsWithoutEnd) {
  Output output;
  Cancellation cancellation;
  ProcessRequest request = shell("yes", output);
  request.on_output = nullptr;
  request.cancellation = &cancellation;
  std::jthread later([&cancellation] {
    std::this_thread::sleep_for(milliseconds(100));
    cancellation.request(SIGINT);
  });
  EXPECT_TRUE(run(request).cancelled);
}

TEST(Process, ASecondRequestDoesNotWaitForTheGrace) {
  Output output;
  Cancellation cancellation;
  ProcessRequest request = shell("trap '' TERM; while :; do sleep 0.1; done", output);
  request.grace = std::chrono::minutes(5);
  request.cancellation = &cancellation;
  std::jthread later([&cancellation] {
    std::this_thread::sleep_for(milliseconds(300));
    cancellation.request(SIGTERM);
    cancellation.request(SIGINT);
  });
  const ProcessOutcome outcome = run(request);
  EXPECT_TRUE(outcome.cancelled);
  EXPECT_EQ(outcome.exit_status, 128 + SIGKILL);
  EXPECT_EQ(cancellation.signal(), SIGTERM);
}

TEST(Process, DoesNotWaitForWhatWasLeftInTheBackground) {
  Output output;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run(shell("sleep 5 & echo started", output)).exit_status, 0);
  EXPECT_THAT(output.lines, ElementsAre("started"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST(Process, GivesTheChildNoOtherDescriptor) {
  const int leaked = ::open("/dev/null", O_RDONLY);  // deliberately without close-on-exec
  Output output;
  run(shell("ls /proc/$$/fd", output));
  ::close(leaked);
  EXPECT_THAT(output.lines, ElementsAre("0", "1", "2"));
}

TEST(Process, GivesTheChildExactlyTheEnvironmentAndFolderAsked) {
  liminal::testing::TemporaryFolder folder;
  Output output;
  ProcessRequest request = shell("", output);
  request.arguments = {"env"};
  request.environment = {{"A", "1 2"}, {"B", ""}};
  run(request);
  EXPECT_THAT(output.lines, ElementsAre("A=1 2", "B="));
  output.lines.clear();
  request.arguments = {"pwd", "-P"};
  request.directory = folder.path().string();
  run(request);
  EXPECT_THAT(output.lines, ElementsAre(std::filesystem::canonical(folder.path()).string()));
}

TEST(Process, SaysWhenAProgramIsNotThere) {
  NativeProcessRunner runner("/usr/bin:/bin");
  ProcessRequest request;
  request.arguments = {"no-such-program-here"};
  const auto outcome = runner.run(request);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(outcome.error().message, "`no-such-program-here` was not found");
}

TEST(Process, SaysWhenTheWorkingFolderIsNotThere) {
  NativeProcessRunner runner("/usr/bin:/bin");
  ProcessRequest request;
  request.arguments = {"true"};
  request.directory = "/no/such/folder";
  const auto outcome = runner.run(request);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_THAT(outcome.error().causes, ::testing::Contains("its working folder: /no/such/folder"));
}

TEST(Process, LooksForProgramsInAbsoluteFoldersOnly) {
  liminal::testing::TemporaryFolder folder;
  const auto program = folder.write("tool", "#!/bin/sh\n");
  ::chmod(program.c_str(), 0755);
  folder.write("data", "not a program");
  EXPECT_EQ(NativeProcessRunner("/none:" + folder.path().string()).find("tool"), program.string());
  EXPECT_FALSE(NativeProcessRunner(folder.path().string()).find("data"));
  EXPECT_EQ(NativeProcessRunner("/bin:" + folder.path().string() + ":/bin").find_all("sh"),
            (std::vector<std::string>{"/bin/sh", "/bin/sh"}));
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  EXPECT_FALSE(NativeProcessRunner(":.:").find("tool"));
  EXPECT_FALSE(NativeProcessRunner("/bin").find("./tool"));
  std::filesystem::current_path(before);
}

TEST(Process, SeesItsPrivateMountsAloneAndAsRootOfItsOwnNamespace) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.path() / "outside") << "x";
  Output output;
  ProcessRequest request =
      shell("id -u; ls " + folder.path().string() + "; touch " + folder.path().string() + "/inside", output);
  request.isolation = Isolation{true, {{"none", folder.path().string(), "tmpfs", ""}}};
  NativeProcessRunner runner("/usr/bin:/bin");
  const auto outcome = runner.run(request);
  if (!outcome && outcome.error().message.find("ordinary user") != std::string::npos)
    GTEST_SKIP() << outcome.error().message;
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_status, 0);
  EXPECT_THAT(output.lines, ElementsAre("0"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "outside"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "inside"));
}

TEST(Process, TellsWhichMountWasRefused) {
  Output output;
  ProcessRequest request = shell("echo never", output);
  request.isolation = Isolation{true, {{"none", "/no/such/folder", "tmpfs", ""}}};
  const auto outcome = NativeProcessRunner("/usr/bin:/bin").run(request);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::unavailable);
  if (outcome.error().message.find("ordinary user") != std::string::npos) GTEST_SKIP() << outcome.error().message;
  EXPECT_THAT(outcome.error().message, ::testing::HasSubstr("`tmpfs` could not be mounted at /no/such/folder"));
  EXPECT_TRUE(output.lines.empty());
}

TEST(Process, StopsAnIsolatedProgramAsAnyOther) {
  Output output;
  ProcessRequest request = shell("sleep 60 & sleep 60", output);
  request.isolation = Isolation{true, {}};
  request.timeout = milliseconds(100);
  const auto outcome = NativeProcessRunner("/usr/bin:/bin").run(request);
  if (!outcome) GTEST_SKIP() << outcome.error().message;
  EXPECT_TRUE(outcome->timed_out);
  EXPECT_EQ(outcome->exit_status, 128 + SIGTERM);
}

}  // namespace
}  // namespace liminal
