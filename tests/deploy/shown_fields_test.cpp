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
