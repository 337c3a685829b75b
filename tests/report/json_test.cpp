#include <fstream>

#include <gmock/gmock.h>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "hostile_run.hpp"
#include "runner_commands.hpp"
#include "sample_run.hpp"

namespace liminal::report {
namespace {

using testing::sample_context;
using testing::sample_run;

std::string json(const RunReport& run) {
  return write(Kind::json, run, sample_context());
}

class PublishedSchema {
 public:
  PublishedSchema() {
    std::ifstream file(LIMINAL_SOURCE_DIR "/schema/liminal-report.schema.json");
    const nlohmann::json source = nlohmann::json::parse(file);
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(source), schema_);
  }

  [[nodiscard]] bool accepts(const std::string& text) const {
    const nlohmann::json document = nlohmann::json::parse(text);
    valijson::Validator validator;
    return validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(document), nullptr);
  }

 private:
  valijson::Schema schema_;
};

TEST(JsonReport, TellsAFinding) {
  const Json finding = Json::parse(json(sample_run())).at("diagnostics").at(0);
  EXPECT_EQ(finding.at("rule"), "unknown-key");
  EXPECT_EQ(finding.at("/range/start/line"_json_pointer), 2);
  EXPECT_EQ(finding.at("/range/end/column"_json_pointer), 8);
  EXPECT_EQ(finding.at("/fix/replacement"_json_pointer), "env_vars");
  EXPECT_EQ(finding.at("fingerprint"), fingerprints(sample_run().findings).front());
}

TEST(JsonReport, TakesTheCommandsOwnMembersAndKeepsItsOwn) {
  RunReport run = sample_run();
  run.data["pipelines"] = 3;
  run.data["schema"] = 99;
  const Json document = Json::parse(json(run));
  EXPECT_EQ(document.at("pipelines"), 3);
  EXPECT_EQ(document.at("schema"), 1);
}

TEST(JsonReport, SaysWhetherAnythingChanged) {
  const auto changed = [](const RunReport& run) { return Json::parse(json(run)).at("/summary/changed"_json_pointer); };
  RunReport run = sample_run();
  EXPECT_EQ(changed(run), false);
  run.stages[1].cases.front().outcome = Outcome::unchanged;
  EXPECT_EQ(changed(run), false);
  run.stages[1].cases.front().outcome = Outcome::passed;
  EXPECT_EQ(changed(run), true);
}

TEST(JsonReport, MatchesItsPublishedSchema) {
  const PublishedSchema schema;
  RunReport run = sample_run();
  run.errors.push_back({ErrorKind::unavailable, "m", "a", {"c"}, {"e"}});
  run.errors.push_back(testing::sample_error());
  EXPECT_TRUE(schema.accepts(json(run)));
  EXPECT_EQ(Json::parse(json(run)).at("/errors/0/file"_json_pointer), "");
  EXPECT_EQ(Json::parse(json(run)).at("/errors/1/range/start/line"_json_pointer), 2);
  EXPECT_TRUE(schema.accepts(json(RunReport{})));
  EXPECT_FALSE(schema.accepts("{}"));
  Json wrong = Json::parse(json(run));
  wrong["diagnostics"][0]["severity"] = "fatal";
  EXPECT_FALSE(schema.accepts(wrong.dump()));
}

TEST(JsonReport, CarriesTextExactlyThoughNothingInItWorksInALog) {
  RunReport run = sample_run();
  run.findings.front().message = "a\n::error::b ##[group]\x1b\u009b\u202e\U000E0041 \U0001F44D";
  const std::string text = json(run);
  EXPECT_THAT(testing::runner_commands(text), ::testing::IsEmpty());
  EXPECT_EQ(text.find("\u202e"), std::string::npos);
  EXPECT_EQ(Json::parse(text).at("diagnostics").at(0).at("message"), run.findings.front().message);
}

TEST(JsonReport, IsValidAndInertWhateverTheTextsAre) {
  const PublishedSchema schema;
  for (unsigned seed = 0; seed < 1000; ++seed) {
    RunReport run = testing::hostile_run(seed);
    run.data = Json{{"\u202e##[x]", {"\n::error::", "##[a]"}}};
    const std::string text = json(run);
    ASSERT_TRUE(schema.accepts(text)) << seed << text;
    ASSERT_THAT(testing::runner_commands(text), ::testing::IsEmpty()) << seed;
    for (const char c : text) ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
  }
}

}  // namespace
}  // namespace liminal::report
