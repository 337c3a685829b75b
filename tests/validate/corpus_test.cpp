// What validation says about Apache Liminal's own files: their known mistakes, at their places, and no false alarm.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/validate/validate.hpp"

#include "support/test_world.hpp"

namespace liminal {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> errors_in(const std::string& name) {
  const fs::path folder = fs::path(LIMINAL_SOURCE_DIR) / "tests/corpus" / name;
  testing::TestWorld world;
  const World given = world.world();
  validate::Options options;
  options.check_files = false;  // the corpus holds no sources
  std::vector<std::string> errors;
  const auto validation = validate::validate(given, config::discover(given, folder, {folder}).value(), options);
  for (const Diagnostic& found : validation.value().findings) {
    if (found.severity != Severity::error) continue;
    const Position at = found.location.range.begin;
    errors.push_back(found.rule + " " + std::to_string(at.line) + ":" + std::to_string(at.column) + " " + found.value +
                     " " + found.help);
  }
  return errors;
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CorpusValidation, FindsEnvWrittenForEnvVars) {
  EXPECT_THAT(errors_in("aws-ml-app"), ElementsAre("unknown-key 41:9 env did you mean `env_vars`?",
                                                   "unknown-key 52:9 env did you mean `env_vars`?"));
}

TEST(CorpusValidation, FindsTheMistakesOfTheSparkExample) {
  const auto errors = errors_in("spark-app");
  EXPECT_THAT(errors, ::testing::Contains("unknown-key 48:9 env did you mean `env_vars`?"));
  EXPECT_THAT(errors, ::testing::Contains(::testing::StartsWith("schema-type 63:13 null")));
}

TEST(CorpusValidation, HasNoFalseAlarm) {
  for (const char* name :
       {"getting-started", "sagemaker", "seed-article", "test-airflow", "test-spark", "test-empty"}) {
    EXPECT_THAT(errors_in(name), IsEmpty()) << name;
  }
}

TEST(CorpusValidation, NamesTypesThatOnlyAPlugInHad) {
  EXPECT_THAT(errors_in("extensibility"), ::testing::Each(::testing::StartsWith("unknown-type")));
}

TEST(CorpusValidation, TakesItsVolumesAndSecretsAsTheyAre) {
  for (const char* name : {"aws-ml-app", "extensibility", "spark-app", "test-inheritance"}) {
    EXPECT_THAT(errors_in(name), ::testing::Not(::testing::Contains(::testing::AnyOf(
                                     ::testing::StartsWith("dangerous-volume"), ::testing::StartsWith("mount-path"),
                                     ::testing::StartsWith("secret-outside")))))
        << name;
  }
}

}  // namespace
}  // namespace liminal
