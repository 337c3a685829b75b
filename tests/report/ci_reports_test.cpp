// What GitHub's runner and GitLab read.
#include <set>

#include <gmock/gmock.h>

#include "hostile_run.hpp"
#include "runner_commands.hpp"
#include "sample_run.hpp"

namespace liminal::report {
namespace {

using ::testing::HasSubstr;
using testing::sample_context;
using testing::sample_finding;
using testing::sample_run;

TEST(Github, AnnotatesAFinding) {
  EXPECT_EQ(
      write(Kind::github, sample_run(), sample_context()),
      "::error file=liminal.yml,line=2,endLine=2,col=5,endColumn=8,title=unknown-key::unknown key `env`%0Ahelp: did "
      "you mean `env_vars`?\n");
}

TEST(Github, EscapesNamesThatHaveItsSeparators) {
  RunReport run = sample_run();
  run.findings.front().location = {"a,b:c%.yml", {{2, 1}, {4, 2}}};
  EXPECT_THAT(write(Kind::github, run, sample_context()),
              HasSubstr("::error file=a%2Cb%3Ac%25.yml,line=2,endLine=4,title="));
}

TEST(Github, PlacesAFailureAtItsLine) {
  RunReport run;
  run.command = "deploy";
  run.errors.push_back(testing::sample_error());
  EXPECT_THAT(
      write(Kind::github, run, sample_context()),
      HasSubstr("::error file=liminal.yml,line=2,endLine=2,col=5,endColumn=8,title=liminal deploy::cannot apply x"));
}

TEST(Github, PutsTheWorstFirstAndSaysHowManyAreLeftOut) {
  RunReport run = sample_run();
  run.findings.assign(12, sample_finding(Severity::warning));
  run.findings.insert(run.findings.end(), 11, sample_finding(Severity::error));
  run.findings.insert(run.findings.end(), 12, sample_finding(Severity::note));
  const std::string text = write(Kind::github, run, sample_context());
  EXPECT_EQ(testing::runner_commands(text).size(), 30U);
  EXPECT_THAT(text, ::testing::StartsWith("::error "));
  EXPECT_THAT(text, HasSubstr("6 are not shown here"));
}

TEST(Github, IsEmptyWhenThereIsNothingToSay) {
  EXPECT_EQ(write(Kind::github, RunReport{}, sample_context()), "");
}

TEST(Github, GivesOnlyCommandsThatAreMeantWhateverTheTextsAre) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    const RunReport run = testing::hostile_run(seed);
    const std::string text = write(Kind::github, run, testing::hostile_context(seed));
    const auto commands = testing::runner_commands(text);
    ASSERT_EQ(commands.size(), run.findings.size() + run.errors.size()) << seed << "\n" << text;
    ASSERT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), commands.size()) << seed;
    for (const std::string& command : commands) {
      const bool meant =
          command.starts_with("::error ") || command.starts_with("::warning ") || command.starts_with("::notice ");
      ASSERT_TRUE(meant) << command;
      ASSERT_EQ(command.find("##["), std::string::npos) << command;
    }
  }
}

TEST(Gitlab, WritesAnEmptyArrayWhenThereIsNothingWrong) {
  EXPECT_EQ(write(Kind::gitlab, RunReport{}, sample_context()), "[]\n");
}

TEST(Gitlab, TellsAFindingWithAllItsMembers) {
  const Json entry = Json::parse(write(Kind::gitlab, sample_run(), sample_context())).at(0);
  EXPECT_EQ(entry.at("description"), "unknown key `env`: did you mean `env_vars`?");
  EXPECT_EQ(entry.at("check_name"), "unknown-key");
  EXPECT_EQ(entry.at("severity"), "major");
  EXPECT_EQ(entry.at("/location/path"_json_pointer), "liminal.yml");
  EXPECT_EQ(entry.at("/location/lines/begin"_json_pointer), 2);
  EXPECT_EQ(entry.at("fingerprint"), fingerprints(sample_run().findings).front());
}

TEST(Gitlab, TellsEqualFindingsApart) {
  RunReport run = sample_run();
  run.findings.assign(3, sample_finding());
  std::set<std::string> seen;
  for (const Json& entry : Json::parse(write(Kind::gitlab, run, sample_context()))) {
    EXPECT_TRUE(seen.insert(entry.at("fingerprint")).second);
  }
}

TEST(Gitlab, HasEveryMemberWhateverTheTextsAre) {
  for (unsigned seed = 0; seed < 1500; ++seed) {
    const RunReport run = testing::hostile_run(seed);
    const Json entries = Json::parse(write(Kind::gitlab, run, testing::hostile_context(seed)));
    ASSERT_EQ(entries.size(), run.findings.size());
    for (const Json& entry : entries) {
      for (const char* member : {"check_name", "fingerprint", "severity"}) {
        ASSERT_FALSE(entry.at(member).get<std::string>().empty()) << seed;
      }
      ASSERT_FALSE(entry.at("/location/path"_json_pointer).get<std::string>().empty()) << seed;
      ASSERT_GE(entry.at("/location/lines/begin"_json_pointer).get<int>(), 1) << seed;
    }
  }
}

}  // namespace
}  // namespace liminal::report
