// Apache Liminal's own files resolve to what Apache Liminal resolves them to.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "liminal/config/config.hpp"
#include "liminal/config/resolved.hpp"

#include "support/test_world.hpp"

namespace liminal {
namespace {

namespace fs = std::filesystem;

// What the comparison leaves out: defaults that were merged already, variables, and Apache Liminal's stock
// descriptions.
void strip(Json& value) {
  if (value.is_array()) {
    for (Json& item : value) strip(item);
    return;
  }
  if (!value.is_object()) return;
  for (const char* key : {"pipeline_defaults", "task_defaults", "service_defaults", "variables"}) value.erase(key);
  const auto description = value.find("description");
  if (description != value.end() && description->is_string() &&
      description->get<std::string>().starts_with("add defaults parameters")) {
    value.erase("description");
  }
  for (auto& [key, item] : value.items()) strip(item);
}

class Corpus : public ::testing::TestWithParam<std::string> {};

TEST_P(Corpus, ResolvesAsApacheLiminalDoes) {
  const fs::path folder = fs::path(LIMINAL_SOURCE_DIR) / "tests/corpus" / GetParam();
  testing::TestWorld world;
  DiagnosticList findings;
  const auto files = config::discover(world.world(), folder, {folder});
  ASSERT_TRUE(files);
  const auto project = config::load(world.world(), *files, findings);
  Json actual = config::resolved_json(config::resolve(world.world(), project, {}, findings));
  std::ifstream stream(folder / "resolved.json");
  Json expected = Json::parse(stream);
  strip(actual);
  strip(expected);
  EXPECT_EQ(actual.dump(1), expected.dump(1));
  for (const Diagnostic& finding : findings.items) ADD_FAILURE() << finding.rule << ": " << finding.message;
}

INSTANTIATE_TEST_SUITE_P(All, Corpus,
                         ::testing::Values("aws-ml-app", "extensibility", "getting-started", "sagemaker",
                                           "seed-article", "spark-app", "test-airflow", "test-inheritance",
                                           "test-spark"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(CorpusOfEmptyFile, IsANote) {
  const fs::path folder = fs::path(LIMINAL_SOURCE_DIR) / "tests/corpus/test-empty";
  testing::TestWorld world;
  DiagnosticList findings;
  const auto files = config::discover(world.world(), folder, {folder});
  ASSERT_TRUE(files);
  const auto project = config::load(world.world(), *files, findings);
  EXPECT_TRUE(config::resolve(world.world(), project, {}, findings).empty());
  ASSERT_EQ(findings.items.size(), 1U);
  EXPECT_EQ(findings.items[0].severity, Severity::note);
}

}  // namespace
}  // namespace liminal
