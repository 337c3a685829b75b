// Every rule's documentation is its test: the bad example has the finding, the good one has no error at all.
#include <algorithm>

#include <gtest/gtest.h>

#include "liminal/validate/validate.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal {
namespace {

std::vector<Diagnostic> findings_of(std::string_view yaml) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml", yaml);
  folder.write("src/train.py", "print('training')\n");
  folder.write("src/serving.py", "def predict(body):\n    return 'ok'\n");
  folder.write("data/.keep", "");
  folder.write("warehouse.txt", "user:password");
  testing::TestWorld world;
  const World given = world.world();
  const auto files = config::discover(given, folder.path(), {folder.path()});
  return validate::validate(given, files.value(), {}).findings;
}

std::string told(const std::vector<Diagnostic>& findings) {
  std::string text;
  for (const Diagnostic& finding : findings) {
    text +=
        finding.rule + " at line " + std::to_string(finding.location.range.begin.line) + ": " + finding.message + "\n";
  }
  return text;
}

class RuleExamples : public ::testing::TestWithParam<const rules::Rule*> {};

TEST_P(RuleExamples, BadExampleHasTheFindingAtAPlaceWithAdvice) {
  const auto findings = findings_of(GetParam()->bad);
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [](const auto& finding) { return finding.rule == GetParam()->id; });
  ASSERT_NE(found, findings.end()) << "found instead:\n" << told(findings);
  EXPECT_EQ(found->severity, GetParam()->severity);
  EXPECT_GT(found->location.range.begin.line, 0U);
  EXPECT_FALSE(found->message.empty());
  EXPECT_FALSE(found->help.empty()) << found->message;
}

TEST_P(RuleExamples, GoodExampleHasNoFinding) {
  const auto findings = findings_of(GetParam()->good);
  EXPECT_TRUE(findings.empty()) << told(findings);
}

TEST_P(RuleExamples, IsDocumented) {
  EXPECT_FALSE(GetParam()->summary.empty());
  EXPECT_FALSE(GetParam()->explanation.empty());
}

INSTANTIATE_TEST_SUITE_P(All, RuleExamples, ::testing::ValuesIn(rules::all().begin(), rules::all().end()),
                         [](const auto& tested) {
                           std::string name(tested.param->id);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(RuleCatalogue, IsSortedAndUnique) {
  const auto rules = rules::all();
  EXPECT_TRUE(std::is_sorted(rules.begin(), rules.end(), [](const auto* a, const auto* b) { return a->id < b->id; }));
  EXPECT_EQ(std::adjacent_find(rules.begin(), rules.end(), [](const auto* a, const auto* b) { return a->id == b->id; }),
            rules.end());
  EXPECT_NE(rules::find("unknown-image"), nullptr);
  EXPECT_EQ(rules::find("no-such-rule"), nullptr);
}

}  // namespace
}  // namespace liminal
