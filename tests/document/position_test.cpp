#include <gtest/gtest.h>

#include "document/reading.hpp"

namespace liminal::document {
namespace {

std::string show(const Range& range) {
  return std::to_string(range.begin.line) + ':' + std::to_string(range.begin.column) + '-' +
         std::to_string(range.end.line) + ':' + std::to_string(range.end.column);
}

TEST(Position, EveryStyleOfScalarKnowsItsBeginAndEnd) {
  const Reading reading = read(
      "plain: a b  # comment\n"
      "single: 'it''s'\n"
      "double: \"a\\tb\"\n"
      "several: one\n"
      "  two\n"
      "literal: |\n"
      "  x\n"
      "   y\n"
      "\n"
      "folded: >-\n"
      "  x\n"
      "flow: [a, {b: c, d}]  # ]\n"
      "last: end\n");
  EXPECT_EQ(reading.found(), "");
  const auto text = [&](std::string_view key) { return reading.text_of(*reading.root().find(key)); };
  EXPECT_EQ(text("plain"), "a b");
  EXPECT_EQ(text("single"), "'it''s'");
  EXPECT_EQ(text("double"), "\"a\\tb\"");
  EXPECT_EQ(text("several"), "one\n  two");
  EXPECT_EQ(text("literal"), "|\n  x\n   y");
  EXPECT_EQ(text("folded"), ">-\n  x");
  EXPECT_EQ(text("flow"), "[a, {b: c, d}]");
  EXPECT_EQ(text("last"), "end");
  EXPECT_EQ(reading.text_of(reading.root()) + "\n", *reading.document->source());
}

TEST(Position, ABracketInACommentOrQuotesEndsNothing) {
  const Reading reading = read("a: [x,  # ]\n  'y]'  # ]\n  ]\nb: 1\n");
  EXPECT_EQ(reading.found(), "");
  EXPECT_EQ(show(reading.document->range(*reading.root().find("a"))), "1:4-3:4");
}

TEST(Position, AMissingValueStandsBehindItsKey) {
  const Reading reading = read("a:\nb:   # comment\n\nnull: 1\nl:\n- \n- x\n-\n");
  EXPECT_EQ(reading.found(), "");
  EXPECT_EQ(show(reading.document->range(*reading.root().find("a"))), "1:3-1:3");
  EXPECT_EQ(show(reading.document->range(*reading.root().find("b"))), "2:3-2:3");
  const Node& list = *reading.root().find("l");
  ASSERT_EQ(list.items.size(), 3U);
  EXPECT_EQ(show(reading.document->range(*list.items[0])), "6:2-6:2");
  EXPECT_EQ(show(reading.document->range(*list.items[2])), "8:2-8:2");
}

TEST(Position, AWrittenNullHasItsPlace) {
  const Reading reading = read("a: ~\nb: null\nc: [null, ~]\n");
  EXPECT_EQ(show(reading.document->range(*reading.root().find("a"))), "1:4-1:5");
  EXPECT_EQ(show(reading.document->range(*reading.root().find("b"))), "2:4-2:8");
  EXPECT_EQ(show(reading.document->range(*reading.root().find("c")->items[1])), "3:11-3:12");
}

TEST(Position, AnchorsAndTagsAreNotPartOfAValue) {
  const Reading reading = read("a: &x !!str 12\nb: &m\n  k: v\nc: *x\nd: !!str\n");
  EXPECT_EQ(reading.found(), "");
  EXPECT_EQ(reading.text_of(*reading.root().find("a")), "12");
  EXPECT_EQ(reading.text_of(*reading.root().find("b")), "k: v");
  EXPECT_EQ(reading.root().find("c"), reading.root().find("a"));
  EXPECT_EQ(reading.root().find("d")->scalar_type, ScalarType::string);
}

TEST(Position, ColumnsCountCodePoints) {
  const Reading reading = read("gr\xc3\xbc\xc3\x9f\x65: {\xf0\x9f\x8d\xb7: x}\n");
  const Node& inner = *reading.root().find("gr\xc3\xbc\xc3\x9f\x65");
  EXPECT_EQ(show(reading.document->range(inner)), "1:8-1:14");
  EXPECT_EQ(show(reading.document->range(*inner.members[0].value)), "1:12-1:13");
}

TEST(Position, LinesEndByCarriageReturnToo) {
  const Reading reading = read("\xef\xbb\xbf\x61: 1\r\nb: 2\r\nc: |\r\n  x\r\n  y\r\n");
  EXPECT_EQ(reading.found(), "");
  EXPECT_EQ(show(reading.document->range(*reading.root().find("a"))), "1:4-1:5");
  EXPECT_EQ(show(reading.document->range(*reading.root().find("b"))), "2:4-2:5");
  EXPECT_EQ(reading.root().find("c")->scalar, "x\ny\n");
}

// The place of a decoded piece within a value.
std::string within(const std::string& value, std::string_view piece) {
  const Reading reading = read("v: " + value + "\n");
  if (reading.document->root() == nullptr) return "nothing";
  const Node& node = *reading.root().find("v");
  const std::size_t at = node.scalar.find(piece);
  if (at == std::string_view::npos) return "not in " + std::string(node.scalar);
  return show(reading.document->range_within(node, at, at + piece.size()));
}

TEST(RangeWithin, GoesThroughEveryStyle) {
  EXPECT_EQ(within("python -u train.py", "train.py"), "1:14-1:22");
  EXPECT_EQ(within("'it''s {{x}}'", "{{x}}"), "1:11-1:16");
  EXPECT_EQ(within("'it''s'", "'"), "1:7-1:9");
  EXPECT_EQ(within("\"a\\tb\\u00e9c\"", "c"), "1:15-1:16");
  EXPECT_EQ(within("\"a\\tb\\u00e9c\"", "\xc3\xa9"), "1:9-1:15");
  EXPECT_EQ(within("\"one \\\n    two\"", "two"), "2:5-2:8");
  EXPECT_EQ(within("one\n  two\n\n  three", "three"), "4:3-4:8");
  EXPECT_EQ(within("one\n  two\n\n  three", "e two"), "1:6-2:6");
  EXPECT_EQ(within("|\n  a\n    b\n\n  c", "  b"), "3:3-3:6");
  EXPECT_EQ(within("|2\n   a\n", " a"), "2:3-2:5");
  EXPECT_EQ(within(">\n  a\n  b\n   c\n  d", "d"), "5:3-5:4");
  EXPECT_EQ(within(">\n  a\n  b\n   c\n  d", "b"), "3:3-3:4");
}

TEST(RangeWithin, AnEmptyPieceHasAPlace) {
  const Reading reading = read("v: 'a'\nw: ''\n");
  EXPECT_EQ(show(reading.document->range_within(*reading.root().find("v"), 1, 1)), "1:6-1:6");
  EXPECT_EQ(show(reading.document->range_within(*reading.root().find("w"), 0, 0)), "2:4-2:6");
}

}  // namespace
}  // namespace liminal::document
