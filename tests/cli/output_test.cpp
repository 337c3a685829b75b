// Where output goes: what cannot be written is no success, and what is no file stays what it is.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "liminal/base/json.hpp"

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

TEST(Output, OfHelpIsThatOfItsOption) {
  const testing::Program program;
  EXPECT_EQ(program.shell("\"$liminal\" help").output, program.shell("\"$liminal\" --help").output);
  const auto ended = program.shell("\"$liminal\" help validate");
  EXPECT_THAT(ended.output, HasSubstr("--exclude"));
  EXPECT_EQ(ended.output, program.shell("\"$liminal\" validate --help").output);
  EXPECT_THAT(program.shell("\"$liminal\" help valdiate").errors, HasSubstr("did you mean validate?"));
}

TEST(Output, OfAPlanAsAGraphIsInLines) {
  const testing::Program program;
  program.write("liminal.yml",
                "name: shop\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n    timeout_minutes: 30\n"
                "    tasks:\n      - task: train\n        type: python\n        image: busybox:1\n        cmd: date\n");
  for (const char* format : {"dot", "mermaid"}) {
    const auto ended = program.shell(std::string("\"$liminal\" plan 2>/dev/null --format ") + format);
    EXPECT_THAT(ended.output, HasSubstr("train")) << format;
    EXPECT_THAT(ended.output, Not(HasSubstr("\\n  "))) << format;
    EXPECT_GT(std::count(ended.output.begin(), ended.output.end(), '\n'), 2) << format;
  }
}

TEST(Output, IsOneDocument) {
  const testing::Program program;
  program.write("liminal.yml", "name: shop\n");
  const auto ended = program.shell("\"$liminal\" validate --format json --report sarif=-");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.errors, HasSubstr("--report sarif=- and --format json go to one place"));
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
  EXPECT_EQ(program.shell("\"$liminal\" version --report junit=liminal.yml/x").status, 2);
}

// Commands without a stage of their own, and what they end with where no Airflow runs or can be started.
const std::vector<std::pair<std::string, int>> without_stage{{"version", 0},
                                                             {"schema", 0},
                                                             {"explain", 0},
                                                             {"explain unknown-key --format json", 0},
                                                             {"explain no-such-rule", 2},
                                                             {"resolve", 0},
                                                             {"resolve --format json", 0},
                                                             {"init new", 0},
                                                             {"init newer --format json", 0},
                                                             {"init .", 2},
                                                             {"status", 0},
                                                             {"status --format markdown", 0},
                                                             {"logs", 0},
                                                             {"stop", 0},
                                                             {"start --airflow-by installed", 3}};

TEST(Report, OfEveryKindIsWrittenByEveryCommand) {
  const testing::Program program;
  for (const auto& [command, status] : without_stage) {
    std::string typed = "\"$liminal\" " + command;
    for (const char* kind : {"junit", "sarif", "json", "markdown", "github", "gitlab"})
      typed.append(" --report ").append(kind).append("=reports/").append(kind);
    const auto ended = program.shell("rm -rf reports; " + typed);
    EXPECT_EQ(ended.status, status) << command << ": " << ended.errors;
    for (const char* kind : {"junit", "sarif", "json", "markdown", "github", "gitlab"})
      EXPECT_TRUE(fs::exists(program.folder() / "reports" / kind)) << command << ": " << kind;
    const std::string name = command.substr(0, command.find(' '));
    const auto read = [&](const char* kind) { return program.shell(std::string("cat reports/") + kind).output; };
    const Json json = Json::parse(read("json"), nullptr, false);
    ASSERT_TRUE(json.is_object()) << command;
    ASSERT_EQ(json["stages"].size(), 1U) << command;
    EXPECT_EQ(json["stages"][0]["name"], name);
    EXPECT_EQ(json["stages"][0]["outcome"], status == 0 ? "passed" : "failed") << command;
    EXPECT_EQ(json["errors"].empty(), status == 0) << command;
    EXPECT_THAT(read("junit"), HasSubstr("<testsuite name=\"" + name + "\"")) << command;
    EXPECT_EQ(Json::parse(read("sarif"), nullptr, false)["runs"][0]["results"], Json::array()) << command;
    EXPECT_EQ(read("gitlab"), "[]\n") << command;
  }
}

TEST(Report, OfResolveHasItsFindings) {
  const testing::Program program;
  program.write("liminal.yml", "name: shop\nname: shop\n");
  const auto ended = program.shell("\"$liminal\" resolve --report json=-");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, HasSubstr("\"rule\": \"duplicate-key\""));
  EXPECT_THAT(ended.output, HasSubstr("\"outcome\": \"failed\""));
}

TEST(Report, OfACommandThatWasInterruptedSaysSo) {
  const testing::Program program;
  // An Airflow whose Python never answers.
  program.write("bin/airflow", "#!" + (program.folder() / "bin/python").string() + "\n");
  program.write("bin/python", "#!/bin/sh\ntouch " + (program.folder() / "started").string() + "\nexec sleep 20\n");
  const auto ended = program.shell(
      "chmod +x bin/*; \"$liminal\" start --airflow-by installed --report json=x.json & "
      "while [ ! -e started ] && kill -0 $!; do sleep 0.02; done; kill -TERM $!; "
      "wait $!; echo status $?; cat x.json",
      {{"PATH", (program.folder() / "bin").string() + ":/usr/bin:/bin"},
       {"LIMINAL_HOME", (program.folder() / "home").string()}});
  EXPECT_THAT(ended.output, HasSubstr("status 143"));
  EXPECT_THAT(ended.output, HasSubstr("\"outcome\": \"failed\""));
  EXPECT_THAT(ended.output, HasSubstr("\"summary\": \"interrupted\""));
}

}  // namespace
}  // namespace liminal
