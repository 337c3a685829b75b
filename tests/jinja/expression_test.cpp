#include "liminal/jinja/expression.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace liminal::jinja {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// As in Lisp, so that the precedence shows.
std::string tree(const Expression& node) {
  std::string result;
  switch (node.kind) {
    case Expression::Kind::text:
      return "'" + node.name + "'";
    case Expression::Kind::integer:
      return std::to_string(node.number);
    case Expression::Kind::name:
      return node.name;
    case Expression::Kind::attribute:
      result = "." + node.name;
      break;
    case Expression::Kind::item:
      result = "item";
      break;
    case Expression::Kind::call:
      result = "call";
      break;
    case Expression::Kind::filter:
      result = "|" + node.name;
      break;
    case Expression::Kind::test:
      result = "is-" + node.name;
      break;
    case Expression::Kind::add:
      result = "+";
      break;
    case Expression::Kind::subtract:
      result = "-";
      break;
    case Expression::Kind::concatenate:
      result = "~";
      break;
    case Expression::Kind::other:
      result = node.name;
      break;
  }
  for (const auto* side : {&node.left, &node.right}) {
    if (*side != nullptr) result += " " + tree(**side);
  }
  for (const auto& argument : node.arguments) result += " " + tree(*argument);
  for (const auto& [name, argument] : node.named) result += " " + name + "=" + tree(*argument);
  return "(" + result + ")";
}

std::string parsed(std::string_view text) {
  const auto result = parse(text);
  return result ? tree(**result) : std::to_string(result.error().begin) + ": " + result.error().message;
}

TEST(JinjaExpression, BindsAsJinjaDoes) {
  EXPECT_EQ(parsed("a ~ b + c"), "(+ (~ a b) c)");
  EXPECT_EQ(parsed("a + b ~ c * d ** e"), "(+ a (~ b (* c (** d e))))");
  EXPECT_EQ(parsed("-1 | abs"), "(|abs -1)");
  EXPECT_EQ(parsed("-a.b | abs"), "(|abs (- (.b a)))");
  EXPECT_EQ(parsed("a if b or c and not d == e else f"), "(else (if a (or b (and c (not (== d e))))) f)");
  EXPECT_EQ(parsed("a not in b"), "(in a b)");
  EXPECT_EQ(parsed("a is not divisibleby 3 and b is defined"), "(and (is-divisibleby a 3) (is-defined b))");
}

TEST(JinjaExpression, ReadsLookupsCallsAndLists) {
  EXPECT_EQ(parsed("macros.ds_add(ds, days=7,)"), "(call (.ds_add macros) ds days=7)");
  EXPECT_EQ(parsed("a['b'][0].1"), "(.1 (item (item a 'b') 0))");
  EXPECT_EQ(parsed("a[1:2, :]"), "([:] a 1 2)");
  EXPECT_EQ(parsed("f(*a, **b)"), "(call f (* a) (** b))");
  EXPECT_EQ(parsed("{'a': 1, 'b': {}}"), "({} 'a' 1 'b' ({}))");
  EXPECT_EQ(parsed("(a)"), "a");
  EXPECT_EQ(parsed("(a,)"), "(() a)");
  EXPECT_EQ(parsed("[a, 1.5e3]"), "([] a (1.5e3))");
  EXPECT_EQ(parsed("'a' \"b\""), "'ab'");
}

TEST(JinjaExpression, SaysWhereItIsWrong) {
  EXPECT_EQ(parsed("ds +"), "4: the expression ends too early");
  EXPECT_EQ(parsed("(ds"), "3: the expression ends too early");
  EXPECT_EQ(parsed("ds ts"), "3: `ts` is not understood here");
  EXPECT_EQ(parsed("ds | 1"), "5: `1` is not understood here");
  EXPECT_EQ(parsed("f(a=1, b)"), "7: `b` is not understood here");
  EXPECT_EQ(parsed("a[b,]"), "4: `]` is not understood here");
  EXPECT_EQ(parsed(" "), "0: nothing stands between the braces");
  EXPECT_EQ(parsed("a is b is c"), "7: `is` is not understood here");
}

TEST(JinjaExpression, TellsWhatMayBeAnotherPrograms) {
  for (const char* text : {"ds ? 1", "$x", "ds @ b", "ds 'open"}) EXPECT_TRUE(parse(text).error().foreign) << text;
  EXPECT_FALSE(parse("ds !").error().foreign);
}

TEST(JinjaExpression, IsBoundedInDepthAndLength) {
  for (const std::string_view piece : {"(", "[", "-", "not ", "f(", "a + ", "a if a else ", "a."}) {
    std::string text;
    while (text.size() < 1000000) text += piece;
    EXPECT_TRUE(parse(text).error().foreign) << piece;
  }
  std::string filters = "a";
  while (filters.size() < 1000000) filters += " | b";
  EXPECT_TRUE(parse(filters).error().foreign);
}

TEST(JinjaExpression, VisitsAllOfItsParts) {
  std::vector<std::string> filters;
  for_each(**parse("f(a | b, c=[d | e]) ~ (x | g if y | h)"), [&](const Expression& node) {
    if (node.kind == Expression::Kind::filter) filters.push_back(node.name + "@" + std::to_string(node.begin));
  });
  EXPECT_THAT(filters, ElementsAre("b@6", "e@16", "g@27", "h@36"));
}

TEST(JinjaExpression, EndsAtItsOwnBraces) {
  EXPECT_EQ(length_up_to_close(" ds }} x"), 4U);
  EXPECT_EQ(length_up_to_close(" '}}' }}"), 6U);
  EXPECT_EQ(length_up_to_close(" {'a': {'b': 1}} }}"), 17U);
  EXPECT_EQ(length_up_to_close(" ds and {{ ts }}"), std::string_view::npos);
  EXPECT_EQ(length_up_to_close(" 'a\\"), std::string_view::npos);
}

}  // namespace
}  // namespace liminal::jinja
