#include "liminal/document/quoted.hpp"

#include <gmock/gmock.h>

namespace liminal::document {
namespace {

TEST(DoubleQuoted, IsAsciiOfOneLine) {
  EXPECT_EQ(double_quoted("a"), R"("a")");
  EXPECT_EQ(double_quoted("a\"b\\c\n\td"), R"("a\"b\\c\n\td")");
  EXPECT_EQ(double_quoted("\x01\x7f\xC2\x85"), R"("\u0001\u007f\u0085")");
  EXPECT_EQ(double_quoted("\\ud83d"), R"("\\ud83d")");
  EXPECT_EQ(double_quoted("\xff"), R"("\ufffd")");
}

TEST(DoubleQuoted, HasOneEscapeForWhatJsonHasTwo) {
  EXPECT_EQ(double_quoted("a\U0001F680\U0010FFFFb"), R"("a\U0001F680\U0010FFFFb")");
}

}  // namespace
}  // namespace liminal::document
