// The changes of an object as people read them.
#include "shown_fields.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "value_text.hpp"

namespace liminal::deploy {
namespace {

using kube::FieldChange;
using ::testing::ElementsAre;
using ::testing::SizeIs;

ObjectChange changed(std::string_view version, std::string_view kind, Json before, Json after) {
  ObjectChange change;
  change.reference.type = kube::find_resource_type(version, kind);
  change.fields.push_back({FieldChange::Kind::change, ".x", std::move(before), std::move(after), {{"ops", "", ""}}});
  return change;
}

std::vector<std::string> shown(const ObjectChange& change) {
  constexpr std::array<const char*, 3> signs{"+", "~", "-"};
  std::vector<std::string> texts;
  for (const ShownField& one : shown_fields(change))
    texts.push_back(fmt::format("{}{}:{} {} > {}", signs.at(static_cast<std::size_t>(one.change.kind)), one.change.path,
                                one.line, one.change.before.dump(), one.change.after.dump()));
  return texts;
}

TEST(ShownFields, OfATextTheLinesThatDiffer) {
  const auto lines = [](const char* before, const char* after) {
    return shown(changed("v1", "ConfigMap", before, after));
  };
  EXPECT_THAT(lines("a\nb\nc\n", "a\nB\nc\n"), ElementsAre(R"(~.x:2 "b" > "B")"));
  EXPECT_THAT(lines("a\nc\n", "a\nb\nc\n"), ElementsAre(R"(+.x:2 null > "b")"));
  EXPECT_THAT(lines("a\nb\nc\n", "a\nc\n"), ElementsAre(R"(-.x:2 "b" > null)"));
  EXPECT_THAT(lines("a\nb\nc\nd\n", "b\nc\nx\nd\n"), ElementsAre(R"(-.x:1 "a" > null)", R"(+.x:3 null > "x")"));
  EXPECT_THAT(lines("a\n\n", "a\n"), ElementsAre(R"(-.x:2 "" > null)"));
  // The end of the last line is no line: all of it is shown.
  EXPECT_THAT(lines("a\nb", "a\nb\n"), SizeIs(1));
}

TEST(ShownFields, OfALongTextTheFewLinesThatDiffer) {
  std::string before = "begin\n";
  for (int i = 0; i < 20000; ++i) before += fmt::format("line {}\n", i % 50);
  std::string after = before + "more\n";
  after.replace(0, 5, "other");
  before += "end\n";
  EXPECT_THAT(shown(changed("v1", "ConfigMap", before, after)),
              ElementsAre(R"(~.x:1 "begin" > "other")", R"(~.x:20002 "end" > "more")"));
}

// Against every pair of short texts of two words: what is shown turns the one into the other.
TEST(ShownFields, WhatIsShownMakesTheOneOfTheOther) {
  std::vector<std::string> texts{""};
  for (std::size_t i = 0; texts[i].size() < 10; ++i) {
    texts.push_back(texts[i] + "a\n");
    texts.push_back(texts[i] + "b\n");
  }
  const auto lines_of = [](const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at += 2) lines.push_back(text.substr(at, 1));
    return lines;
  };
  for (const std::string& before : texts) {
    for (const std::string& after : texts) {
      if (before.empty() || after.empty() || before == after) continue;
      // Lines that go, by their number before; that come or take a place, by theirs after.
      std::vector<std::string> left = lines_of(before);
      std::vector<std::string> made = lines_of(after);
      std::vector<bool> goes(left.size());
      std::vector<bool> comes(made.size());
      std::size_t changes = 0;
      for (const ShownField& one : shown_fields(changed("v1", "ConfigMap", before, after))) {
        if (one.change.kind == FieldChange::Kind::remove) {
          goes[one.line - 1] = true;
        } else {
          comes[one.line - 1] = true;
          EXPECT_EQ(one.change.after, made[one.line - 1]);
          changes += one.change.kind == FieldChange::Kind::change ? 1U : 0U;
        }
      }
      const auto kept = [](const std::vector<std::string>& lines, const std::vector<bool>& out) {
        std::vector<std::string> result;
        for (std::size_t i = 0; i < lines.size(); ++i) {
          if (!out[i]) result.push_back(lines[i]);
        }
        return result;
      };
      EXPECT_EQ(kept(left, goes).size(), kept(made, comes).size() + changes) << before << "to\n" << after;
      if (changes == 0) {
        EXPECT_EQ(kept(left, goes), kept(made, comes)) << before << "to\n" << after;
      }
    }
  }
}

TEST(ShownFields, OfManyLinesWithNothingInCommonAllAreShown) {
  std::string before;
  std::string after;
  for (int i = 0; i < 3000; ++i) {
    before += fmt::format("before {}\n", i);
    after += fmt::format("after {}\n", i);
  }
  EXPECT_THAT(shown(changed("v1", "ConfigMap", before, after)), SizeIs(3000));
}

TEST(ShownFields, OfACustomResourceTheMembersThatDiffer) {
  const Json before = Json::parse(R"([{"name": "a", "container": {"args": ["one", "two"]}}, {"name": "b"}])");
  const Json after = Json::parse(R"([{"name": "c"}, {"name": "a", "container": {"args": ["one", "2"], "env": []}}])");
  EXPECT_THAT(
      shown(changed("argoproj.io/v1alpha1", "WorkflowTemplate", before, after)),
      ElementsAre(R"(~.x[name="a"].container.args[1]:0 "two" > "2")", R"(+.x[name="a"].container.env:0 null > [])",
                  R"(-.x[name="b"]:0 {"name":"b"} > null)", R"(+.x[name="c"]:0 null > {"name":"c"})"));
  // The server fills in what it has its own types for: what is only there is no change.
  EXPECT_THAT(shown(changed("apps/v1", "Deployment", before, after)), SizeIs(1));
}

TEST(ShownFields, AnotherOrderIsAChangeToo) {
  const auto change =
      changed("argoproj.io/v1alpha1", "WorkflowTemplate", Json::parse(R"([{"name": "a"}, {"name": "b"}])"),
              Json::parse(R"([{"name": "b"}, {"name": "a"}])"));
  ASSERT_THAT(shown_fields(change), SizeIs(1));
  EXPECT_EQ(shown_fields(change)[0].change.path, ".x");
  EXPECT_THAT(shown_fields(change)[0].change.conflicts, SizeIs(1));
}

TEST(ChangeText, LongValuesAreShownFromWhereTheyDiffer) {
  const std::string same(70, '-');
  EXPECT_EQ(change_text(1, 2), "1 -> 2");
  EXPECT_EQ(change_text(same + "one", same + "two"), "...--------------------one -> ...--------------------two");
  EXPECT_EQ(change_text("", same), " -> " + same.substr(0, 60) + "...");
  // Not from within a character.
  EXPECT_EQ(change_text("\u00e4" + same.substr(0, 19) + same + "a", "\u00e4" + same.substr(0, 19) + "b"),
            "\u00e4" + same.substr(0, 19) + same.substr(0, 39) + "... -> \u00e4" + same.substr(0, 19) + "b");
}

}  // namespace
}  // namespace liminal::deploy
