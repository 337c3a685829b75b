#include "liminal/base/utc.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace liminal {
namespace {

using namespace std::chrono;

TEST(Utc, WritesTheYearsThatNanosecondsDoNotReach) {
  EXPECT_EQ(fmt::format("{:%FT%TZ}", utc(sys_days{2026y / 1 / 31} + 6h)), "2026-01-31T06:00:00Z");
  EXPECT_EQ(fmt::format("{:%FT%TZ}", utc(sys_days{9999y / 12 / 31} + 23h + 59min)), "9999-12-31T23:59:00Z");
  EXPECT_EQ(fmt::format("{:%Y-%m-%d %H:%M}", utc(sys_days{1600y / 2 / 29})), "1600-02-29 00:00");
}

}  // namespace
}  // namespace liminal
