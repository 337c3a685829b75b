#include "liminal/diagnostic/diagnostic.hpp"

#include <memory>
#include <set>

#include <gtest/gtest.h>

namespace liminal {
namespace {

Diagnostic finding(std::string rule, std::string file, Position begin, Severity severity = Severity::error) {
  Diagnostic made;
  made.rule = std::move(rule);
  made.severity = severity;
  made.message = "message";
  made.location = {std::move(file), {begin, begin}};
  return made;
}

TEST(Fingerprint, DoesNotChangeWithTheLine) {
  Diagnostic first = finding("unknown-key", "a.yml", {1, 1});
  first.yaml_path = "pipelines[p].tasks[t].env";
  Diagnostic moved = first;
  moved.location.range.begin = {30, 7};
  moved.message = "said in other words";
  EXPECT_EQ(fingerprint(first), fingerprint(moved));
  EXPECT_EQ(fingerprint(first).size(), 32U);
}

TEST(Fingerprint, ChangesWithEveryPartOfTheIdentity) {
  const Diagnostic base = finding("r", "f", {1, 1});
  std::set<std::string> all{fingerprint(base), fingerprint(base, 1)};
  for (std::string Diagnostic::*part : {&Diagnostic::rule, &Diagnostic::yaml_path, &Diagnostic::value}) {
    Diagnostic other = base;
    other.*part = "x";
    all.insert(fingerprint(other));
  }
  Diagnostic other = base;
  other.location.file = "g";
  all.insert(fingerprint(other));
  EXPECT_EQ(all.size(), 6U);
}

TEST(Fingerprint, TheBorderBetweenPartsMatters) {
  Diagnostic a = finding("r", "f", {1, 1});
  Diagnostic b = a;
  a.yaml_path = "xy";
  b.yaml_path = "x";
  b.value = "y";
  EXPECT_NE(fingerprint(a), fingerprint(b));
}

TEST(Fingerprints, NumberEqualFindings) {
  const Diagnostic same = finding("r", "f", {1, 1});
  const auto all = fingerprints({same, same, finding("q", "f", {1, 1})});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0], fingerprint(same, 0));
  EXPECT_EQ(all[1], fingerprint(same, 1));
}

TEST(Sort, ByFilePlaceSeverityAndRule) {
  std::vector<Diagnostic> all{finding("b", "b.yml", {1, 1}), finding("b", "a.yml", {2, 1}),
                              finding("a", "a.yml", {1, 5}, Severity::warning), finding("z", "a.yml", {1, 5}),
                              finding("b", "a.yml", {2, 1})};
  sort_and_deduplicate(all);
  std::string order;
  for (const Diagnostic& item : all) order += item.location.file.substr(0, 1) + item.rule + ' ';
  EXPECT_EQ(order, "az aa ab bb ");
}

Diagnostic about(std::string value, std::string message) {
  Diagnostic made = finding("r", "f", {1, 1});
  made.source = std::make_shared<const std::string>("text");
  made.value = std::move(value);
  made.message = std::move(message);
  return made;
}

TEST(Mistake, IsTheSameWhateverNamesTheMessageHas) {
  EXPECT_EQ(mistake_of(about("x", "task `a` uses `x`")), mistake_of(about("x", "task `b` uses `x`")));
  EXPECT_NE(mistake_of(about("x", "task `a` uses `x`")), mistake_of(about("y", "task `a` uses `x`")));
  EXPECT_NE(mistake_of(about("x", "task `a` uses `x`")), mistake_of(about("x", "task `a` has `x`")));
  EXPECT_EQ(mistake_of(about("", "no value")), "");
}

TEST(List, KeepsSomeOfOneMistakeAndStillTheNext) {
  DiagnosticList list;
  for (std::size_t i = 0; i < 2 * most_mistakes_of_a_file; ++i)
    list.report(about("x", "task `" + std::to_string(i) + "`"));
  EXPECT_EQ(list.items.size(), most_findings_of_a_mistake);
  EXPECT_FALSE(list.full("f"));
  list.report(about("y", "another"));
  EXPECT_EQ(list.items.back().message, "another");
}

TEST(List, KeepsAsManyMistakesOfAFileAsAnybodyReads) {
  DiagnosticList list;
  for (std::size_t i = 0; i <= most_mistakes_of_a_file; ++i) list.report(about("", "nothing"));
  EXPECT_EQ(list.items.size(), most_mistakes_of_a_file);
  EXPECT_TRUE(list.full("f"));
  EXPECT_FALSE(list.full("g"));
}

TEST(Severity, HasNames) {
  EXPECT_EQ(to_string(Severity::note), "note");
  EXPECT_EQ(to_string(Severity::warning), "warning");
  EXPECT_EQ(to_string(Severity::error), "error");
}

}  // namespace
}  // namespace liminal
