#include "liminal/base/edit_distance.hpp"

#include <array>

#include <gtest/gtest.h>

namespace liminal {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("image", "image"), 0U);
  EXPECT_EQ(edit_distance("imge", "image"), 1U);
  EXPECT_EQ(edit_distance("iamge", "image"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Nearest, PrefersTheLikelySlip) {
  constexpr std::array<std::string_view, 4> keys{"env_vars", "image", "cmd", "mounts"};
  EXPECT_EQ(nearest("env", keys), "env_vars");
  EXPECT_EQ(nearest("mount", keys), "mounts");
  EXPECT_EQ(nearest("imag", keys), "image");
  EXPECT_EQ(nearest("completely_else", keys), std::nullopt);
  EXPECT_EQ(nearest("", keys), std::nullopt);
}

}  // namespace
}  // namespace liminal
