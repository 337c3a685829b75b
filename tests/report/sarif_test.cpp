#include <regex>
#include <set>

#include <gmock/gmock.h>

#include "hostile_run.hpp"
#include "runner_commands.hpp"
#include "sample_run.hpp"

namespace liminal::report {
namespace {

using testing::sample_context;
using testing::sample_run;

Json sarif(const RunReport& run, const Context& context = sample_context()) {
  return Json::parse(write(Kind::sarif, run, context)).at("runs").at(0);
}

TEST(Sarif, TellsAFindingWithEverythingItsReadersWant) {
  const Json result = sarif(sample_run()).at("results").at(0);
  EXPECT_EQ(result.at("ruleId"), "unknown-key");
  EXPECT_EQ(result.at("ruleIndex"), 0);
  EXPECT_EQ(result.at("level"), "error");
  EXPECT_EQ(result.at("message").at("text"), "unknown key `env`: did you mean `env_vars`?");
  const Json region = {{"startLine", 2}, {"startColumn", 5}, {"endLine", 2}, {"endColumn", 8}};
  EXPECT_EQ(result.at("/locations/0/physicalLocation/region"_json_pointer), region);
  EXPECT_EQ(result.at("/locations/0/physicalLocation/artifactLocation/uri"_json_pointer), "liminal.yml");
  EXPECT_EQ(result.at("/partialFingerprints/primaryLocationLineHash"_json_pointer),
            fingerprints(sample_run().findings).front());
  EXPECT_EQ(result.at("/relatedLocations/0/message/text"_json_pointer), "of this task");
  EXPECT_EQ(result.at("/fixes/0/artifactChanges/0/replacements/0/deletedRegion"_json_pointer), region);
  EXPECT_EQ(result.at("/fixes/0/artifactChanges/0/replacements/0/insertedContent/text"_json_pointer), "env_vars");
}

TEST(Sarif, DescribesEveryRule) {
  const Json run = sarif(sample_run());
  const Json& rules = run.at("/tool/driver/rules"_json_pointer);
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules.at(0).at("name"), "UnknownKey");
  EXPECT_EQ(rules.at(1).at("/help/text"_json_pointer), "a schedule that is no cron expression");
  EXPECT_EQ(rules.at(1).at("/defaultConfiguration/level"_json_pointer), "warning");
}

TEST(Sarif, DescribesARuleThatNobodyDescribed) {
  RunReport run = sample_run();
  run.findings.front().rule = "odd";
  const Json result = sarif(run);
  EXPECT_EQ(result.at("/results/0/ruleIndex"_json_pointer), 2);
  EXPECT_EQ(result.at("/tool/driver/rules/2/id"_json_pointer), "odd");
}

TEST(Sarif, PutsAFindingWithoutAPlaceOnTheFirstLineOfTheConfiguration) {
  RunReport run = sample_run();
  run.findings.front().location = {};
  const Json place = sarif(run).at("/results/0/locations/0/physicalLocation"_json_pointer);
  EXPECT_EQ(place.at("/artifactLocation/uri"_json_pointer), "liminal.yml");
  EXPECT_EQ(place.at("/region/startLine"_json_pointer), 1);
}

TEST(Sarif, EncodesNamesOfFilesOfAnyBytes) {
  RunReport run = sample_run();
  run.findings.front().location.file = "a b/%#?:ü\xff.yml";
  EXPECT_EQ(sarif(run).at("/results/0/locations/0/physicalLocation/artifactLocation/uri"_json_pointer),
            "a%20b/%25%23%3F%3A%C3%BC%FF.yml");
}

TEST(Sarif, HasACategoryForEachFolder) {
  Context context = sample_context();
  context.repository_prefix = "services/wine/";
  const Json run = sarif(sample_run(), context);
  EXPECT_EQ(run.at("/automationDetails/id"_json_pointer), "liminal/ci/services/wine/");
  EXPECT_EQ(run.at("/results/0/locations/0/physicalLocation/artifactLocation/uri"_json_pointer),
            "services/wine/liminal.yml");
}

TEST(Sarif, KeepsTheWorstWhenThereAreMoreThanGithubKeeps) {
  RunReport run = sample_run();
  run.findings.assign(5001, testing::sample_finding(Severity::warning));
  run.findings.push_back(testing::sample_finding(Severity::error));
  const Json result = sarif(run);
  EXPECT_EQ(result.at("results").size(), 5000U);
  EXPECT_EQ(result.at("results").back().at("level"), "error");
  EXPECT_THAT(result.at("/invocations/0/toolExecutionNotifications/0/message/text"_json_pointer).get<std::string>(),
              ::testing::HasSubstr("the 2 least severe are left out"));
}

TEST(Sarif, SaysThatTheRunFailed) {
  RunReport run = sample_run();
  run.errors.push_back({ErrorKind::failed, "cannot push", "log in", {"denied"}, {}});
  const Json invocation = sarif(run).at("/invocations/0"_json_pointer);
  EXPECT_EQ(invocation.at("executionSuccessful"), false);
  EXPECT_EQ(invocation.at("/toolExecutionNotifications/0/message/text"_json_pointer),
            "cannot push; because: denied; help: log in");
  EXPECT_FALSE(invocation.at("/toolExecutionNotifications/0"_json_pointer).contains("locations"));
}

TEST(Sarif, PlacesAFailureAtItsLine) {
  RunReport run = sample_run();
  run.errors.push_back(testing::sample_error());
  const Json place =
      sarif(run).at("/invocations/0/toolExecutionNotifications/0/locations/0/physicalLocation"_json_pointer);
  EXPECT_EQ(place.at("/artifactLocation/uri"_json_pointer), "liminal.yml");
  EXPECT_EQ(place.at("/region/startLine"_json_pointer), 2);
}

TEST(Sarif, WithoutFindingsIsStillARun) {
  RunReport run;
  run.command = "validate";
  EXPECT_TRUE(sarif(run).at("results").empty());
  EXPECT_TRUE(sarif(run).at("results").is_array());
}

TEST(Sarif, IsWholeWhateverTheTextsAre) {
  const std::regex guid("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  const std::regex uri("[A-Za-z0-9._~%/:-]+");
  for (unsigned seed = 0; seed < 1500; ++seed) {
    const std::string text = write(Kind::sarif, testing::hostile_run(seed), testing::hostile_context(seed));
    ASSERT_THAT(testing::runner_commands(text), ::testing::IsEmpty()) << seed;
    const Json run = Json::parse(text).at("runs").at(0);
    for (const Json& result : run.at("results")) {
      const auto rule = result.at("ruleIndex").get<std::size_t>();
      ASSERT_EQ(run.at("/tool/driver/rules"_json_pointer).at(rule).at("id"), result.at("ruleId")) << seed;
      ASSERT_FALSE(result.at("/message/text"_json_pointer).get<std::string>().empty()) << seed;
      ASSERT_TRUE(std::regex_match(result.at("correlationGuid").get<std::string>(), guid)) << seed;
      const Json& place = result.at("/locations/0/physicalLocation"_json_pointer);
      ASSERT_TRUE(std::regex_match(place.at("/artifactLocation/uri"_json_pointer).get<std::string>(), uri)) << seed;
      for (const char* number : {"startLine", "startColumn", "endLine", "endColumn"}) {
        ASSERT_GE(place.at("region").at(number).get<int>(), 1) << seed;
      }
    }
  }
}

}  // namespace
}  // namespace liminal::report
