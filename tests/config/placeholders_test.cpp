// {{name}}: what is rendered, from where, and what stays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/repository.hpp"

namespace liminal::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What `owner`, a string like any other, is rendered to.
std::string rendered(Repository& repository, const std::map<std::string, std::string>& set = {}) {
  return repository.resolve(set).at(0).owner;
}

std::string rendered(const std::string& owner, const std::string& variables,
                     const std::map<std::string, std::string>& environment = {},
                     const std::map<std::string, std::string>& set = {}) {
  Repository repository("name: shop\nowner: '" + owner + "'\nvariables: " + variables + "\n", environment);
  return rendered(repository, set);
}

TEST(Placeholders, TakeVariablesWithAnyBlanksInsideTheBraces) {
  EXPECT_EQ(rendered("{{a}}-{{ a }}-{{  a}}", "{a: x}"), "x-x-x");
}

TEST(Placeholders, NamesHaveLettersDigitsDotsDashesAndUnderscores) {
  EXPECT_EQ(rendered("{{a.b-c_1}}", "{a.b-c_1: x}"), "x");
  EXPECT_EQ(rendered("{{a b}} {{a+b}} {{}} {{ {{a}} }} {a}", "{a: x}"), "{{a b}} {{a+b}} {{}} {{ x }} {a}");
}

TEST(Placeholders, ValuesAreWrittenAsPythonWrites) {
  EXPECT_EQ(rendered("{{a}} {{b}} {{c}} {{d}} {{e}}", "{a: yes, b: 0.25, c: 010, d: 1970-01-01, e: 3.10}"),
            "True 0.25 8 1970-01-01 3.1");
}

TEST(Placeholders, AnEmptyVariableIsAnEmptyText) {
  EXPECT_EQ(rendered("[{{a}}{{b}}]", "{a: , b: ''}"), "[]");
}

TEST(Placeholders, WhatNobodyKnowsStaysForAirflow) {
  EXPECT_EQ(rendered("{{yesterday_ds}} {{ ds }} {{ params.x }}", "{a: x}"), "{{yesterday_ds}} {{ ds }} {{ params.x }}");
}

TEST(Placeholders, GoSetThenVariablesThenEnvironment) {
  EXPECT_EQ(rendered("{{a}}{{b}}{{c}}", "{a: 1, b: 1}", {{"a", "3"}, {"b", "3"}, {"c", "3"}}, {{"a", "2"}}), "213");
}

TEST(Placeholders, AVariablesOwnPlaceholdersAreRenderedOneLevelDeep) {
  EXPECT_EQ(rendered("{{a}}", "{a: '<{{b}}>', b: '({{c}})', c: x}"), "<({{c}})>");
  EXPECT_EQ(rendered("{{a}}", "{a: '{{a}}'}"), "{{a}}");
}

TEST(Placeholders, AreRenderedAtAnyDepthAndNeverInKeys) {
  Repository repository("name: shop\nvariables: {a: x}\nservice_defaults: {k: [[ '{{a}}', {'{{a}}': '{{a}}'} ]]}\n");
  repository.resolve();
  EXPECT_EQ(resolved_json(repository.systems)[0]["service_defaults"].dump(), R"({"k":[["x",{"{{a}}":"x"}]]})");
}

TEST(Placeholders, VariablesAreShownRenderedAndWithWhatWasSet) {
  Repository repository("name: shop\nvariables: {a: '{{b}}/c', b: root}\n");
  repository.resolve({{"n", "5"}});
  EXPECT_EQ(resolved_json(repository.systems)[0]["variables"].dump(), R"({"a":"root/c","b":"root","n":"5"})");
}

TEST(Placeholders, AMapOrListIsAFindingAtThePlaceholder) {
  Repository repository("name: shop\nowner: \"a \\u0041 {{ m }}\"\nvariables:\n  m: [1]\n");
  EXPECT_EQ(rendered(repository), "a A {{ m }}");
  ASSERT_THAT(repository.found(), ElementsAre("placeholder-not-a-scalar liminal.yml:2:18"));
  EXPECT_EQ(repository.findings.items[0].location.range.end, (Position{2, 25}));
  EXPECT_EQ(repository.findings.items[0].related.at(0).location.range.begin, (Position{4, 6}));
}

TEST(Placeholders, SecretsOfTheEnvironmentAreNotTaken) {
  const std::map<std::string, std::string> environment{
      {"CI_JOB_TOKEN", "s3cret"},       {"AWS_SECRET_ACCESS_KEY", "s3cret"}, {"DB_PASS", "s3cret"},
      {"DATABASE", "pg://me:s3cret@h"}, {"GIT_AUTHOR_NAME", "Ada"},          {"MONKEY", "ape"},
      {"HOMEPAGE", "https://h/a:b@c"}};
  Repository repository(
      "name: shop\nowner: '{{CI_JOB_TOKEN}} {{AWS_SECRET_ACCESS_KEY}} {{DB_PASS}} {{DATABASE}} {{GIT_AUTHOR_NAME}} "
      "{{MONKEY}} {{HOMEPAGE}}'\n",
      environment);
  EXPECT_EQ(rendered(repository),
            "{{CI_JOB_TOKEN}} {{AWS_SECRET_ACCESS_KEY}} {{DB_PASS}} {{DATABASE}} Ada ape https://h/a:b@c");
  ASSERT_EQ(repository.findings.items.size(), 4U);
  for (const Diagnostic& item : repository.findings.items) {
    EXPECT_EQ(item.rule, "placeholder-of-a-secret");
    EXPECT_THAT(item.message + item.help, Not(HasSubstr("s3cret")));
  }
}

TEST(Placeholders, AVariableMayBeNamedLikeASecret) {
  EXPECT_EQ(rendered("{{PRIMARY_KEY}}", "{PRIMARY_KEY: id}", {{"PRIMARY_KEY", "s3cret"}}), "id");
}

TEST(Placeholders, ABombOfTextIsAFinding) {
  std::string names = "name: shop\nvariables: {a: " + std::string(100'000, 'x') + "}\nowner: '";
  for (int i = 0; i < 1000; ++i) names += "{{a}}";
  Repository bomb(names + "'\n");
  EXPECT_LT(rendered(bomb).size(), 70U << 20U);
  ASSERT_EQ(bomb.findings.items.size(), 1U);
  EXPECT_EQ(bomb.findings.items[0].rule, "expansion-limit");
}

}  // namespace
}  // namespace liminal::config
