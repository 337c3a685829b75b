#include "liminal/model/moment.hpp"

#include <gtest/gtest.h>

#include "liminal/model/date.hpp"

namespace liminal::model {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_seconds;

sys_seconds on_new_year() {
  return start_of(Date{2026, 1, 1});
}

TEST(Moment, IsADayOrADayAndATime) {
  EXPECT_EQ(parse_moment("2026-01-01"), on_new_year());
  EXPECT_EQ(parse_moment("2026-01-01T04:30"), on_new_year() + hours{4} + minutes{30});
  EXPECT_EQ(parse_moment("2026-01-01 04:30:05.123Z"), on_new_year() + hours{4} + minutes{30} + seconds{5});
}

TEST(Moment, IsInUtcWhateverItsZone) {
  EXPECT_EQ(parse_moment("2026-01-01 02:00+02:00"), on_new_year());
  EXPECT_EQ(parse_moment("2025-12-31T22:30:00-0130"), on_new_year());
  EXPECT_EQ(parse_moment("2026-01-01T05:00:00+05"), on_new_year());
}

TEST(Moment, IsNothingElse) {
  for (const char* text : {"", "2026-1-1", "2026-02-30", "2026-01-01T", "2026-01-01T4:30", "2026-01-01T24:00",
                           "2026-01-01T04:30:", "2026-01-01T04:30:05.", "2026-01-01T04:30 +01:00", "2026-01-01T04:30+",
                           "2026-01-01T04:30+1", "2026-01-01T04:30Zx", "2026-01-01T+4:30"})
    EXPECT_EQ(parse_moment(text), std::nullopt) << text;
}

TEST(TimeOfDay, IsAsYamlWritesIt) {
  for (const char* text : {"4", "4:30", "04:30:00.5", "04:30:00.", "04:30Z", "04:30 +1", "04:30\t-01:30", "23:59:59 Z"})
    EXPECT_TRUE(is_time_of_day(text)) << text;
}

TEST(TimeOfDay, IsNothingElse) {
  for (const char* text : {"", "x", "24:00", "4:3", "4:60", ":30", "04:30 x", "04:30 +", "04:30 +01:0", "04:30ZZ"})
    EXPECT_FALSE(is_time_of_day(text)) << text;
}

}  // namespace
}  // namespace liminal::model
