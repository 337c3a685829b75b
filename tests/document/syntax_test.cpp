#include <gtest/gtest.h>

#include "document/reading.hpp"

namespace liminal::document {
namespace {

// The file after the first finding's fix.
std::string fixed(const std::string& text) {
  const Reading reading = read(text);
  if (reading.findings.empty() || !reading.findings[0].fix) return "no fix";
  const Fix& fix = *reading.findings[0].fix;
  std::string result;
  Position here{1, 1};
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (here == fix.range.begin) result += fix.replacement;
    if (i == text.size()) break;
    if (here < fix.range.begin || here >= fix.range.end) result += text[i];
    ++here.column;
    if (text[i] == '\n') here = {here.line + 1, 1};
  }
  return result;
}

TEST(Syntax, APlaceholderWithoutQuotesHasItsOwnRuleAndFix) {
  EXPECT_EQ(read("cmd: {{x}}\n").found(), "unquoted-placeholder@1:6");
  EXPECT_EQ(fixed("cmd: {{x}}\n"), "cmd: '{{x}}'\n");
  EXPECT_EQ(read("a: 1\ncmd: {{ x }}/data  # why\nb: 2\n").found(), "unquoted-placeholder@2:6");
  EXPECT_EQ(fixed("a: 1\ncmd: {{ x }}/data  # why\nb: 2\n"), "a: 1\ncmd: '{{ x }}/data'  # why\nb: 2\n");
  EXPECT_EQ(read("- {{x}}\n").found(), "unquoted-placeholder@1:3");
  EXPECT_EQ(read("a: 'x {{y}}'\nb: x{{y}}\n").found(), "");
}

TEST(Syntax, AnotherVersionOfYamlIsToldWithThoseThatAreRead) {
  for (const char* version : {"9.9", "x", "1.", "2.0", "1.9"}) {
    const Reading reading = read("%YAML " + std::string(version) + "\n---\na: 1\n");
    EXPECT_EQ(reading.found(), "yaml-syntax@1:1") << version;
    EXPECT_NE(reading.findings.at(0).help.find("YAML 1.1"), std::string::npos) << version;
  }
  EXPECT_EQ(read("%YAML 1.1\n---\na: 1\n").found(), "");
  EXPECT_EQ(read("%YAML 1.2\r\n---\na: 1\n").found(), "");
}

TEST(Syntax, AfterAPlaceholderTheRestIsRead) {
  const Reading reading = read("cmd: {{x}}\nafter: 1\nsecond: {{ y }}\n");
  EXPECT_EQ(reading.found(), "unquoted-placeholder@1:6 unquoted-placeholder@3:9");
  EXPECT_EQ(reading.root().find("cmd")->scalar, "{{x}}");
  EXPECT_EQ(reading.root().find("after")->scalar, "1");
}

TEST(Syntax, AScheduleWithoutQuotesHasItsOwnRuleAndFix) {
  EXPECT_EQ(read("schedule: * * * * *\n").found(), "unquoted-cron@1:11");
  EXPECT_EQ(fixed("schedule: * * * * *\n"), "schedule: '* * * * *'\n");
  EXPECT_EQ(fixed("schedule: */5 * * * *  # often\n"), "schedule: '*/5 * * * *'  # often\n");
  EXPECT_EQ(read("schedule: 0 * * * *\n").found(), "");
}

TEST(Syntax, AnAliasIsNoSchedule) {
  const Reading reading = read("a: &c {b: 1}\nd: {<<: *c, x: a b c d e}\n   e: 1\n");
  EXPECT_EQ(reading.found(), "yaml-syntax@3:4");
}

TEST(Syntax, TextBehindAClosingQuoteIsNamed) {
  for (const std::string text : {"a: \"echo\" b\n", "a: 'echo' b\nc: 1\n"}) {
    const Reading reading = read(text);
    ASSERT_EQ(reading.found(), "yaml-syntax@1:11") << text;
    EXPECT_NE(reading.findings[0].message.find("behind the closing quote"), std::string::npos) << text;
  }
  EXPECT_EQ(read("a: \"echo \"hello\" world\"\n").found(), "yaml-syntax@1:11");
  EXPECT_EQ(read("a: 'it's mine'\n").found(), "yaml-syntax@1:8");
  EXPECT_EQ(read("a: \"x # y\" z\n").found(), "yaml-syntax@1:12");
  const Reading flow = read("- {a: \"x\" b: 1}\n");
  ASSERT_EQ(flow.found(), "yaml-syntax@1:11");
  EXPECT_NE(flow.findings[0].help.find("comma"), std::string::npos);
  EXPECT_EQ(read("a: \"echo\"  # b\nc: 'it''s'\n").found(), "");
}

TEST(Syntax, EveryKindOfMistakeIsFoundAtItsPlace) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"a: \"x", "yaml-syntax@1:4"},
      {"a: 'x\nb: 1\n", "yaml-syntax@1:4"},
      {"a: \"\\q\"\n", "yaml-syntax@1:5"},
      {"a: \"\\xZZ\"\n", "yaml-syntax@1:5"},
      {"a: \"\\ud800\"\n", "yaml-syntax@1:5"},
      {"a: *none\n", "yaml-syntax@1:4"},
      {"a: &x [*x]\n", "yaml-syntax@1:8"},
      {"a: @x\n", "yaml-syntax@1:4"},
      {"a: `x`\n", "yaml-syntax@1:4"},
      {"a: %x\n", "yaml-syntax@1:4"},
      {"a: !foo x\n", "yaml-syntax@1:4"},
      {"a: !!int x\n", "yaml-syntax@1:4"},
      {"a: !!python/object:os.system x\n", "yaml-syntax@1:4"},
      {"[a]: 1\n", "yaml-syntax@1:1"},
      {"%FOO bar\n---\na: 1\n", "yaml-syntax@1:1"},
      {"a: 1\n---\nb: 2\n", "several-documents@2:1"},
      {"a: 1\n...\n---\nb: 2\n", "several-documents@3:1"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(read(text).found(), expected) << text;
}

TEST(Syntax, TabsForIndentationAreNamed) {
  for (const std::string text : {"a:\n\tb: 1\n", "a:\n  - b\n\t- c\n", "\ta: 1\n"}) {
    const Reading reading = read(text);
    ASSERT_FALSE(reading.findings.empty()) << text;
    EXPECT_EQ(reading.findings[0].rule, "yaml-syntax") << text;
    EXPECT_NE(reading.findings[0].message.find("tab"), std::string::npos) << text << reading.findings[0].message;
  }
}

TEST(Syntax, AMissingBlankAfterAColonIsNamed) {
  const Reading reading = read("name: x\ntype:sub\nowner: me\n");
  ASSERT_EQ(reading.found(), "yaml-syntax@2:5");
  EXPECT_NE(reading.findings[0].message.find("after the colon"), std::string::npos) << reading.findings[0].message;
  EXPECT_EQ(fixed("name: x\ntype:sub\nowner: me\n"), "name: x\ntype: sub\nowner: me\n");
}

TEST(Syntax, WhatWasReadBeforeAnErrorIsKept) {
  const Reading reading = read("name: x\nvolumes:\n  - volume: v\nimages: [a, b\n");
  EXPECT_EQ(reading.findings.size(), 1U);
  ASSERT_NE(reading.document->root(), nullptr);
  EXPECT_EQ(reading.root().find("name")->scalar, "x");
  EXPECT_NE(reading.root().find("volumes"), nullptr);
}

TEST(Syntax, NoFindingRepeatsTheReadersOwnText) {
  for (const std::string text :
       {"a: [", "a: }", "a: b: c", "- a\nb: c", "a: *", "? [", "a: {b", "&", "!<x", "a: \"", "- - -\n -"}) {
    for (const Diagnostic& finding : read(text).findings) {
      EXPECT_EQ(finding.message.find("yaml-cpp"), std::string::npos) << text;
      EXPECT_EQ(finding.message.find("illegal "), std::string::npos) << text;
      EXPECT_FALSE(finding.help.empty()) << text;
      EXPECT_GE(finding.location.range.begin.line, 1U) << text;
    }
  }
}

TEST(Encoding, WhatIsNotUtf8TextIsRefusedWithItsPlace) {
  EXPECT_EQ(read(std::string("\xff\xfe\x61\0", 4)).found(), "encoding@1:1");
  EXPECT_EQ(read(std::string("a\0:\0 \0b\0", 8)).found(), "encoding@1:1");
  EXPECT_EQ(read("a: 1\nb: \xff\n").found(), "encoding@2:4");
  EXPECT_EQ(read("a: \xc0\xaf\n").found(), "encoding@1:4");
  EXPECT_EQ(read("a: \xed\xa0\x80\n").found(), "encoding@1:4");
  EXPECT_EQ(read(std::string("a: b\0c", 6)).found(), "encoding@1:5");
  EXPECT_EQ(read("a: \x1b[31m\n").found(), "encoding@1:4");
  EXPECT_EQ(read("a: \xc2\x9b\n").found(), "encoding@1:4");
  EXPECT_EQ(read("a: gr\xc3\xbc\xc3\x9f\x65 \xf0\x9f\x8d\xb7\n").found(), "");
}

TEST(Encoding, AnEscapeForTheZeroCharacterIsToldAtTheEscape) {
  EXPECT_EQ(read("a: \"b\\0c\"\n").found(), "encoding@1:6");
  EXPECT_EQ(read("a: \"b\\x00c\\0\"\n\"k\\u0000\": 1\n").found(), "encoding@1:6 encoding@2:3");
  EXPECT_EQ(read("a: 'b\\0'\n").found(), "");
}

TEST(Encoding, ALoneCarriageReturnIsRefused) {
  EXPECT_EQ(read("a: 1\rb: 2\r").found(), "encoding@1:5");
}

}  // namespace
}  // namespace liminal::document
