// Where output goes: what cannot be written is no success, and what is no file stays what it is.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "program.hpp"

namespace liminal {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::vector<std::string> printing{"--help",
                                        "--version",
                                        "validate --help",
                                        "version",
                                        "schema",
                                        "explain",
                                        "explain --format json",
                                        "resolve",
                                        "validate --format json",
                                        "validate --format junit",
                                        "validate --report sarif=-",
                                        "plan"};

TEST(Output, ThatAFullDiskLosesIsAFailure) {
  const testing::Program program;
  for (const std::string& command : printing) {
    const auto ended = program.shell("\"$liminal\" " + command + " >/dev/full");
    EXPECT_EQ(ended.status, 4) << command;
    EXPECT_THAT(ended.errors, HasSubstr("standard output did not take all of it: No space left")) << command;
  }
}

TEST(Output, ThatNobodyOpenedIsAFailure) {
  const testing::Program program;
  for (const std::string& command : printing)
    EXPECT_EQ(program.shell("\"$liminal\" " + command + " >&-").status, 4) << command;
}

TEST(Output, ThatIsLostSaysMoreThanFindings) {
  const testing::Program program;
  program.write("liminal.yml", "name: shop\nname: shop\n");
  EXPECT_EQ(program.shell("\"$liminal\" validate --format json >/dev/null").status, 1);
  EXPECT_EQ(program.shell("\"$liminal\" validate --format json >/dev/full").status, 4);
}

TEST(Output, OfWhatCouldNotBeginIsJsonWhereThatIsAskedFor) {
  const testing::Program program;
  for (const char* typed : {"init .", "resolve nowhere", "history nowhere --context x", "explain no-such-rule",
                            "validate nowhere", "resolve --set x"}) {
    const std::string command(typed);
    const auto ended = program.shell("\"$liminal\" " + command + " --format json");
    EXPECT_EQ(ended.status, 2) << command;
    EXPECT_THAT(ended.output, HasSubstr("\"kind\": \"usage\"")) << command;
  }
  const auto made = program.shell("\"$liminal\" init new --format json");
  EXPECT_EQ(made.status, 0);
  EXPECT_THAT(made.output, ::testing::StartsWith("{"));
  EXPECT_THAT(made.errors, HasSubstr("new/liminal.yml"));
}

TEST(Output, WhoseReaderHasGoneEndsQuietlyAndIsNoPass) {
  const testing::Program program;
  for (const std::string& command : printing) {
    // The reader has ended before the program begins.
    const auto ended = program.shell("exec 3> >(exec true); wait $!; \"$liminal\" " + command + " >&3");
    EXPECT_EQ(ended.status, 141) << command;
    EXPECT_THAT(ended.errors, Not(HasSubstr("error"))) << command;
  }
}

TEST(Output, ThatIsNotNeededMayBeClosed) {
  const testing::Program program;
  EXPECT_EQ(program.shell("\"$liminal\" validate >&-").status, 0);
}

TEST(Report, GoesIntoADeviceOrPipeAndLeavesItThere) {
  const testing::Program program;
  const auto sink = program.folder() / "sink";
  if (::mknod(sink.c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0) GTEST_SKIP() << "takes the right to make device files";
  fs::create_symlink("sink", program.folder() / "link");
  EXPECT_EQ(program.shell("\"$liminal\" validate --report junit=sink").status, 0);
  EXPECT_EQ(program.shell("\"$liminal\" validate --report junit=link").status, 0);
  EXPECT_TRUE(fs::is_character_file(sink));
  EXPECT_TRUE(fs::is_symlink(program.folder() / "link"));
  const auto pipe =
      program.shell("mkfifo pipe; cat pipe & exec 3>pipe; \"$liminal\" validate --report junit=pipe; exec 3>&-; wait");
  EXPECT_THAT(pipe.output, HasSubstr("</testsuites>"));
  EXPECT_TRUE(fs::is_fifo(program.folder() / "pipe"));
}

TEST(Report, GoesToWhereStandardOutputStands) {
  const testing::Program program;
  const auto piped = program.shell("\"$liminal\" validate --report junit=/dev/stdout | cat");
  EXPECT_THAT(piped.output, HasSubstr("</testsuites>"));
  const auto file =
      program.shell("{ echo first; \"$liminal\" validate --report junit=/dev/stdout; echo last; } >log; cat log");
  EXPECT_THAT(file.output, ::testing::StartsWith("first\n<?xml"));
  EXPECT_THAT(file.output, ::testing::EndsWith("last\n"));
}

TEST(Report, IsMadeWithItsFolderAlsoBelowDev) {
  const testing::Program program;
  EXPECT_EQ(program.shell("\"$liminal\" validate --report junit=a/b/c.xml && test -s a/b/c.xml").status, 0);
  EXPECT_EQ(program
                .shell("f=/dev/shm/liminal-test-$$; \"$liminal\" validate --report junit=$f && test -s $f; s=$?; rm -f "
                       "$f; exit $s")
                .status,
            0);
}

TEST(Report, ThatCannotBeWrittenSaysWhyByItsStatus) {
  const testing::Program program;
  EXPECT_EQ(program.shell("\"$liminal\" validate --report junit=/dev/full").status, 4);
  EXPECT_EQ(program.shell("\"$liminal\" validate --report junit=liminal.yml/x").status, 2);
  EXPECT_EQ(program.shell("mkfifo unread; \"$liminal\" validate --report junit=unread").status, 2);
}

}  // namespace
}  // namespace liminal
