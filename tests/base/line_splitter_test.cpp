#include "liminal/base/line_splitter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace liminal {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> lines_of(const std::vector<std::string>& pieces) {
  std::vector<std::string> lines;
  LineSplitter splitter([&](std::string_view line) { lines.emplace_back(line); });
  for (const std::string& piece : pieces) splitter.feed(piece);
  splitter.finish();
  return lines;
}

TEST(LineSplitter, TellsLinesWhereverThePiecesEnd) {
  EXPECT_THAT(lines_of({"a\nb", "c\n", "\nd"}), ElementsAre("a", "bc", "", "d"));
}

TEST(LineSplitter, TakesACarriageReturnForALineEndOfItsOwnOrWithTheNext) {
  EXPECT_THAT(lines_of({"10%\r20%\r\nend\r", "\nmore"}), ElementsAre("10%", "20%", "end", "more"));
}

TEST(LineSplitter, TellsALongLineInParts) {
  const auto lines = lines_of({std::string(100'000, 'x'), "y\n"});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].size(), 65536U);
  EXPECT_EQ(lines[1].size(), 100'001U - 65536U);
}

}  // namespace
}  // namespace liminal
