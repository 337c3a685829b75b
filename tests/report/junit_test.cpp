#include <set>

#include <gmock/gmock.h>
#include <tinyxml2.h>

#include "hostile_run.hpp"
#include "runner_commands.hpp"
#include "sample_run.hpp"

namespace liminal::report {
namespace {

using ::testing::HasSubstr;
using testing::sample_context;
using testing::sample_run;
using ::testing::StartsWith;

std::string junit(const RunReport& run, const Context& context = sample_context()) {
  return write(Kind::junit, run, context);
}

std::vector<const tinyxml2::XMLElement*> cases_of(const tinyxml2::XMLDocument& document) {
  std::vector<const tinyxml2::XMLElement*> cases;
  for (auto* suite = document.RootElement()->FirstChildElement("testsuite"); suite != nullptr;
       suite = suite->NextSiblingElement("testsuite")) {
    for (auto* one = suite->FirstChildElement("testcase"); one != nullptr; one = one->NextSiblingElement("testcase")) {
      cases.push_back(one);
    }
  }
  return cases;
}

TEST(Junit, HoldsEveryCaseOfEveryStage) {
  tinyxml2::XMLDocument document;
  ASSERT_EQ(document.Parse(junit(sample_run()).c_str()), tinyxml2::XML_SUCCESS);
  std::vector<std::string> names;
  for (const auto* one : cases_of(document)) {
    names.push_back(std::string(one->Attribute("classname")) + " " + one->Attribute("name"));
  }
  EXPECT_THAT(names, ::testing::ElementsAre("liminal.ci runs to its end", "liminal.validate.wine liminal.yml",
                                            "liminal.validate.wine other/liminal.yml", "liminal.build.wine image wine",
                                            "liminal.run.wine train"));
  const auto* root = document.RootElement();
  EXPECT_STREQ(root->Attribute("tests"), "5");
  EXPECT_STREQ(root->Attribute("failures"), "2");
  EXPECT_STREQ(root->Attribute("skipped"), "1");
  EXPECT_STREQ(root->Attribute("errors"), "0");
}

TEST(Junit, PutsTheFindingsOfAFileIntoItsCase) {
  tinyxml2::XMLDocument document;
  ASSERT_EQ(document.Parse(junit(sample_run()).c_str()), tinyxml2::XML_SUCCESS);
  const auto* one = cases_of(document).at(1);
  EXPECT_STREQ(one->Attribute("file"), "liminal.yml");
  EXPECT_STREQ(one->Attribute("line"), "2");
  const auto* failure = one->FirstChildElement("failure");
  ASSERT_NE(failure, nullptr);
  EXPECT_STREQ(failure->Attribute("type"), "liminal.unknown-key");
  EXPECT_STREQ(failure->Attribute("message"), "liminal.yml:2:5: error: unknown key `env` [unknown-key]");
  EXPECT_THAT(failure->GetText(), StartsWith("liminal.yml:2:5: error: unknown key `env` [unknown-key]\n"));
  EXPECT_THAT(failure->GetText(), HasSubstr("^^^"));
  EXPECT_THAT(failure->GetText(), HasSubstr("fingerprint: " + fingerprints(sample_run().findings).front()));
}

TEST(Junit, NamesFilesByTheirPathFromTheRepositorysRoot) {
  Context context = sample_context();
  context.repository_prefix = "services/wine/";
  tinyxml2::XMLDocument document;
  ASSERT_EQ(document.Parse(junit(sample_run(), context).c_str()), tinyxml2::XML_SUCCESS);
  const auto* one = cases_of(document).at(1);
  EXPECT_STREQ(one->Attribute("file"), "services/wine/liminal.yml");
  EXPECT_THAT(one->FirstChildElement("failure")->GetText(), StartsWith("services/wine/liminal.yml:2:5: "));
}

TEST(Junit, PassesAFileWithWarningsAlone) {
  RunReport run = sample_run();
  run.findings.front().severity = Severity::warning;
  run.stages.front().cases.front().outcome = Outcome::passed;
  tinyxml2::XMLDocument document;
  ASSERT_EQ(document.Parse(junit(run).c_str()), tinyxml2::XML_SUCCESS);
  EXPECT_EQ(cases_of(document).at(1)->FirstChildElement(), nullptr);
}

TEST(Junit, ReportsFindingsOfFilesThatNoStageChecked) {
  RunReport run = sample_run();
  run.stages.clear();
  tinyxml2::XMLDocument document;
  ASSERT_EQ(document.Parse(junit(run).c_str()), tinyxml2::XML_SUCCESS);
  ASSERT_EQ(cases_of(document).size(), 2U);
  EXPECT_NE(cases_of(document).at(1)->FirstChildElement("failure"), nullptr);
}

TEST(Junit, ShowsAFailureOfTheWorldAsAnError) {
  RunReport run;
  run.command = "deploy";
  run.errors.push_back({ErrorKind::unavailable, "cannot reach the cluster", "check the context", {"refused"}, {}});
  tinyxml2::XMLDocument document;
  ASSERT_EQ(document.Parse(junit(run).c_str()), tinyxml2::XML_SUCCESS);
  const auto* error = cases_of(document).at(0)->FirstChildElement("error");
  ASSERT_NE(error, nullptr);
  EXPECT_STREQ(error->Attribute("message"), "cannot reach the cluster");
  EXPECT_THAT(error->GetText(), HasSubstr("because: refused"));
}

TEST(Junit, PlacesAFailureAtItsLine) {
  RunReport run;
  run.command = "deploy";
  run.errors.push_back(testing::sample_error());
  tinyxml2::XMLDocument document;
  ASSERT_EQ(document.Parse(junit(run).c_str()), tinyxml2::XML_SUCCESS);
  const auto* one = cases_of(document).at(0);
  EXPECT_STREQ(one->Attribute("file"), "liminal.yml");
  EXPECT_STREQ(one->Attribute("line"), "2");
  EXPECT_THAT(one->FirstChildElement("error")->GetText(), HasSubstr("liminal.yml:2:5: error: cannot apply x"));
}

TEST(Junit, IsNeverWithoutACase) {
  RunReport run;
  run.stages.push_back({"plan", Outcome::skipped, {}, {}, {}});
  tinyxml2::XMLDocument document;
  ASSERT_EQ(document.Parse(junit(run).c_str()), tinyxml2::XML_SUCCESS);
  EXPECT_EQ(cases_of(document).size(), 2U);
}

TEST(Junit, WritesOneStartTagALine) {
  const std::string text = junit(sample_run());
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    std::size_t tags = 0;
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      if (line[i] == '<' && line[i + 1] != '/' && line[i + 1] != '?') ++tags;
    }
    EXPECT_LE(tags, 1U) << line;
    begin = end + 1;
  }
}

TEST(Junit, StaysBelowWhatGitlabTakes) {
  RunReport run = sample_run();
  run.stages.back().cases.assign(200, run.stages.back().cases.front());
  for (std::size_t i = 0; i < 200; ++i) {
    run.stages.back().cases[i].name += std::to_string(i);
    run.stages.back().cases[i].output = std::string(100U << 10, '"');
  }
  const std::string text = junit(run);
  EXPECT_LT(text.size(), 30U << 20);
  EXPECT_THAT(text, HasSubstr("the rest is left out here"));
}

// Whatever the texts are, the XML is well formed, has legal characters alone, and its cases are told apart.
TEST(Junit, IsWellFormedWhateverTheTextsAre) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    const std::string text = junit(testing::hostile_run(seed), testing::hostile_context(seed));
    tinyxml2::XMLDocument document;
    ASSERT_EQ(document.Parse(text.c_str(), text.size()), tinyxml2::XML_SUCCESS) << seed << "\n" << text;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      ASSERT_TRUE(byte >= 0x20 || c == '\n' || c == '\t') << seed;
    }
    ASSERT_EQ(text.find("&#x"), std::string::npos) << seed;
    std::set<std::string> names;
    for (const auto* one : cases_of(document)) {
      ASSERT_TRUE(names.insert(std::string(one->Attribute("classname")) + "\n" + one->Attribute("name")).second)
          << seed;
      std::size_t children = 0;
      for (auto* child = one->FirstChildElement(); child != nullptr; child = child->NextSiblingElement()) {
        ++children;
        ASSERT_NE(child->GetText(), nullptr) << seed << text;
        if (child->Attribute("type") != nullptr) {
          ASSERT_THAT(child->Attribute("type"), StartsWith("liminal."));
        }
      }
      ASSERT_LE(children, 1U) << seed;
    }
  }
}

// `--format junit` shows it in a step's log.
TEST(Junit, HoldsNoCommandOfARunnerWhateverTheTextsAre) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    const std::string text = junit(testing::hostile_run(seed), testing::hostile_context(seed));
    ASSERT_THAT(testing::runner_commands(text), ::testing::IsEmpty()) << seed;
  }
}

TEST(Junit, KeepsWhatIsWrittenByReference) {
  RunReport run = sample_run();
  const std::string message = "::error::x ##[add-matcher]m ##vso[task.x]y :\u0301:debug::z #1 a: b";
  run.findings.front().message = message;
  const std::string text = junit(run);
  EXPECT_EQ(text.find("##"), std::string::npos);
  EXPECT_EQ(text.find(":\u0301"), std::string::npos);
  tinyxml2::XMLDocument document;
  ASSERT_EQ(document.Parse(text.c_str()), tinyxml2::XML_SUCCESS);
  EXPECT_THAT(cases_of(document).at(1)->FirstChildElement("failure")->GetText(), HasSubstr(message));
}

}  // namespace
}  // namespace liminal::report
