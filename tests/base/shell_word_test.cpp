#include "liminal/base/shell_word.hpp"

#include <gtest/gtest.h>

namespace liminal {
namespace {

TEST(ShellWord, IsInQuotesWhereItHasToBe) {
  EXPECT_EQ(shell_word("data/a-1.txt"), "data/a-1.txt");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("my folder"), "'my folder'");
  EXPECT_EQ(shell_word("it's; rm -rf $HOME"), "'it'\\''s; rm -rf $HOME'");
  EXPECT_EQ(shell_word("~/a*"), "'~/a*'");
}

}  // namespace
}  // namespace liminal
