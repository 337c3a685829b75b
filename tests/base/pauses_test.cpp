#include "liminal/base/pauses.hpp"

#include <gtest/gtest.h>

namespace liminal {
namespace {

TEST(RetryAfter, IsSecondsOrADate) {
  const Clock::WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 15} + std::chrono::hours{12}};
  EXPECT_EQ(parse_retry_after("7", now), std::chrono::seconds{7});
  EXPECT_EQ(parse_retry_after("Thu, 15 Jan 2026 12:00:30 GMT", now), std::chrono::seconds{30});
  EXPECT_EQ(parse_retry_after("Thu, 15 Jan 2026 11:00:30 GMT", now), std::chrono::seconds{0});
  EXPECT_FALSE(parse_retry_after("soon", now));
}

}  // namespace
}  // namespace liminal
