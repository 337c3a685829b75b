#include "liminal/base/path_pattern.hpp"

#include <string>

#include <gtest/gtest.h>

namespace liminal {
namespace {

TEST(MatchesPattern, KnowsWildcardsAndSets) {
  EXPECT_TRUE(matches_pattern("a?c", "abc"));
  EXPECT_FALSE(matches_pattern("a?c", "a/c"));
  EXPECT_TRUE(matches_pattern("[a-c]x[!0-9]", "bxy"));
  EXPECT_FALSE(matches_pattern("[a-c]x[!0-9]", "bx1"));
  EXPECT_TRUE(matches_pattern("\\*", "*"));
  EXPECT_FALSE(matches_pattern("\\*", "a"));
  EXPECT_TRUE(matches_pattern("a/**/z", "a/z"));
  EXPECT_TRUE(matches_pattern("a/**/z", "a/b/c/z"));
  EXPECT_FALSE(matches_pattern("a/**/z", "a/bz"));
  EXPECT_TRUE(matches_pattern("**", "a/b"));
  EXPECT_TRUE(matches_pattern("[", "["));  // never closed: itself
  EXPECT_TRUE(matches_pattern("", ""));
  EXPECT_FALSE(matches_pattern("a", ""));
}

TEST(MatchesPattern, HostilePatternsEndSoon) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  EXPECT_FALSE(matches_pattern(pattern, std::string(4000, 'b')));
  EXPECT_FALSE(matches_pattern(std::string(4000, '*') + "b", std::string(4000, 'a')));
}

}  // namespace
}  // namespace liminal
