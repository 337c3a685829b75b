// Schedules: what is read, what is refused and where, and the times that come out.
#include "liminal/model/cron.hpp"

#include <fstream>
#include <random>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace liminal::model {
namespace {

using std::chrono::sys_days;
using std::chrono::sys_seconds;

sys_seconds at(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::sscanf(text.c_str(), "%d-%u-%u %d:%d:%d", &year, &month, &day, &hour, &minute, &second);
  return sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)} +
         std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second};
}

std::string shown(const std::optional<sys_seconds>& time) {
  if (!time) return "-";
  const sys_days day = std::chrono::floor<std::chrono::days>(*time);
  const std::chrono::year_month_day date{day};
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(*time - day).count();
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), minutes / 60,
                     minutes % 60);
}

std::string next(const std::string& expression, const std::string& from) {
  const auto cron = Cron::parse(expression);
  return cron ? shown(cron->next(at(from))) : "refused: " + cron.error().message;
}

std::string previous(const std::string& expression, const std::string& from) {
  const auto cron = Cron::parse(expression);
  return cron ? shown(cron->previous(at(from))) : "refused: " + cron.error().message;
}

// The bytes that a fault points at, and what it says.
std::string fault(const std::string& expression) {
  const auto cron = Cron::parse(expression);
  if (cron) return "accepted";
  const auto& error = cron.error();
  if (error.begin > error.end || error.end > std::max<std::size_t>(expression.size(), 1))
    return "range outside of the text";
  return expression.substr(error.begin, error.end - error.begin) + ": " + error.message;
}

TEST(CronTimes, AgreeWithCroniter) {
  std::ifstream file(std::string(LIMINAL_SOURCE_DIR) + "/tests/model/croniter.tsv");
  std::string line;
  std::size_t compared = 0;
  while (std::getline(file, line)) {
    if (line.starts_with('#')) continue;
    std::istringstream fields(line);
    std::string expression, time, after, before;
    std::getline(fields, expression, '\t');
    std::getline(fields, time, '\t');
    std::getline(fields, after, '\t');
    std::getline(fields, before, '\t');
    EXPECT_EQ(next(expression, time), after) << expression << " after " << time;
    EXPECT_EQ(previous(expression, time), before) << expression << " before " << time;
    // What engines without croniter are given means the same.
    const auto cron = Cron::parse(expression);
    ASSERT_TRUE(cron);
    EXPECT_EQ(next(cron->expression(), time), after) << cron->expression() << " for " << expression;
    ++compared;
  }
  EXPECT_EQ(compared, 600U);
}

TEST(CronTimes, NextIsAfterAndPreviousBeforeTheGivenMoment) {
  EXPECT_EQ(next("0 12 * * *", "2026-01-15 12:00"), "2026-01-16 12:00");
  EXPECT_EQ(previous("0 12 * * *", "2026-01-15 12:00"), "2026-01-14 12:00");
  EXPECT_EQ(next("0 12 * * *", "2026-01-15 11:59:59"), "2026-01-15 12:00");
  EXPECT_EQ(previous("0 12 * * *", "2026-01-15 12:00:01"), "2026-01-15 12:00");
}

TEST(CronTimes, ThirtyFirstPassesOverShortMonths) {
  EXPECT_EQ(next("0 0 31 * *", "2026-01-31 00:00"), "2026-03-31 00:00");
  EXPECT_EQ(previous("0 0 31 * *", "2026-07-01 00:00"), "2026-05-31 00:00");
}

TEST(CronTimes, LeapDayComesEveryFourYearsAndNotIn2100) {
  EXPECT_EQ(next("0 0 29 2 *", "2026-01-01 00:00"), "2028-02-29 00:00");
  EXPECT_EQ(next("0 0 29 2 *", "2096-02-29 00:00"), "2104-02-29 00:00");
  EXPECT_EQ(previous("0 0 29 2 *", "2104-02-29 00:00"), "2096-02-29 00:00");
  EXPECT_EQ(next("0 0 29 2 *", "1999-03-01 00:00"), "2000-02-29 00:00");
}

TEST(CronTimes, YearEnds) {
  EXPECT_EQ(next("*/5 * * * *", "2026-12-31 23:56"), "2027-01-01 00:00");
  EXPECT_EQ(previous("59 23 * * *", "2027-01-01 00:00"), "2026-12-31 23:59");
}

TEST(CronTimes, ADayThatNeverComesHasNoTimes) {
  EXPECT_EQ(next("0 0 31 2 *", "2026-01-01 00:00"), "-");
  EXPECT_EQ(previous("0 0 30 2 *", "2026-01-01 00:00"), "-");
  EXPECT_EQ(next("0 0 31 4,6,9,11 *", "2026-01-01 00:00"), "-");
}

TEST(CronTimes, BothDayFieldsGivenMeansEither) {
  // 2026-01-15 is a Thursday.
  EXPECT_EQ(next("0 0 20 * fri", "2026-01-15 00:00"), "2026-01-16 00:00");
  EXPECT_EQ(next("0 0 20 * fri", "2026-01-16 00:00"), "2026-01-20 00:00");
  EXPECT_EQ(next("0 0 ? * fri", "2026-01-16 00:00"), "2026-01-23 00:00");
  EXPECT_EQ(next("0 0 20 * *", "2026-01-15 00:00"), "2026-01-20 00:00");
}

TEST(CronReading, NamesAreReadInAnyCase) {
  EXPECT_EQ(next("0 0 1 JAN *", "2026-01-15 00:00"), "2027-01-01 00:00");
  EXPECT_EQ(next("0 0 * * Mon-fri/2", "2026-01-15 00:00"), "2026-01-16 00:00");
}

TEST(CronReading, SevenAndZeroAreSunday) {
  EXPECT_EQ(next("0 0 * * 7", "2026-01-15 00:00"), "2026-01-18 00:00");
  EXPECT_EQ(next("0 0 * * 0", "2026-01-15 00:00"), "2026-01-18 00:00");
}

TEST(CronReading, RangesGoOnAtTheBeginning) {
  EXPECT_EQ(next("0 22-2 * * *", "2026-01-15 23:00"), "2026-01-16 00:00");
  EXPECT_EQ(next("0 22-2 * * *", "2026-01-16 02:00"), "2026-01-16 22:00");
  EXPECT_EQ(next("0 0 * * fri-mon", "2026-01-19 00:00"), "2026-01-23 00:00");
}

TEST(CronReading, PresetsAreTheirFields) {
  const std::vector<std::pair<std::string, std::string>> presets{
      {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},       {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
      {"@monthly", "0 0 1 * *"}, {"@quarterly", "0 0 1 */3 *"}, {"@yearly", "0 0 1 1 *"},   {"@annually", "0 0 1 1 *"}};
  for (const auto& [preset, expression] : presets) {
    const auto cron = Cron::parse(preset);
    ASSERT_TRUE(cron) << preset;
    EXPECT_EQ(cron->expression(), expression);
  }
}

TEST(CronReading, PresetsWithoutTimesAreNoCron) {
  for (const char* preset : {"@once", "@continuous", "None"}) {
    EXPECT_TRUE(is_preset_without_times(preset));
    EXPECT_FALSE(Cron::parse(preset));
  }
  EXPECT_FALSE(is_preset_without_times("@daily"));
}

TEST(CronReading, BlanksBetweenFieldsMayBeMany) {
  const auto cron = Cron::parse("  0   12\t* * 1-5 ");
  ASSERT_TRUE(cron);
  EXPECT_EQ(cron->expression(), "0 12 * * 1-5");
}

TEST(CronExpression, SpellsOutWhatOtherCronsReadInAnotherWay) {
  EXPECT_EQ(Cron::parse("0 22-2 * * *")->expression(), "0 0,1,2,22,23 * * *");
  EXPECT_EQ(Cron::parse("0 0 * * 7")->expression(), "0 0 * * 0");
  EXPECT_EQ(Cron::parse("0 0 ? * 1")->expression(), "0 0 * * 1");
  EXPECT_EQ(Cron::parse("0 0 */1 * 1")->expression(), "0 0 1-31 * 1");
  EXPECT_EQ(Cron::parse("*/15 1,2 1-10/3 jan mon")->expression(), "*/15 1,2 1-10/3 jan mon");
}

TEST(CronFaults, PointAtTheNumberThatIsOutOfItsField) {
  EXPECT_EQ(fault("61 * * * *"), "61: 61 is no minute; it goes from 0 to 59");
  EXPECT_EQ(fault("0 24 * * *"), "24: 24 is no hour; it goes from 0 to 23");
  EXPECT_EQ(fault("0 0 0 * *"), "0: 0 is no day of month; it goes from 1 to 31");
  EXPECT_EQ(fault("0 0 1 1-13 *"), "13: 13 is no month; it goes from 1 to 12, or jan to dec");
  EXPECT_EQ(fault("0 0 * * 1,8"), "8: 8 is no day of week; it goes from 0 to 6, or sun to sat");
  EXPECT_EQ(fault("99999999999999999999 * * * *"),
            "99999999999999999999: 99999999999999999999 is no minute; it goes from 0 to 59");
}

TEST(CronFaults, PointAtWhatIsNoNumber) {
  EXPECT_EQ(fault("0 0 * * Funday"), "Funday: `Funday` is no day of week; it goes from 0 to 6, or sun to sat");
  EXPECT_EQ(fault("+5 * * * *"), "+5: `+5` is no minute; it goes from 0 to 59");
  EXPECT_EQ(fault("0 mon * * *"), "mon: `mon` is no hour; it goes from 0 to 23");
}

TEST(CronFaults, PointAtWhatIsMissing) {
  EXPECT_EQ(fault("1,,2 * * * *"), ",: the minute is missing here");
  EXPECT_EQ(fault("1, * * * *"), ",: the minute is missing here");
  EXPECT_EQ(fault("-5 * * * *"), "-: the minute is missing here");
  EXPECT_EQ(fault("0 1- * * *"), "-: the hour is missing here");
}

TEST(CronFaults, PointAtABadStep) {
  EXPECT_EQ(fault("*/0 * * * *"), "0: a step is at least 1");
  EXPECT_EQ(fault("*/x * * * *"), "x: `x` is no step; it is a whole number from 1");
  EXPECT_EQ(fault("*/ * * * *"), "/: `` is no step; it is a whole number from 1");
}

TEST(CronFaults, TellWhatAirflowReadsAndThisDoesNot) {
  for (const char* expression : {"0 0 L * *", "0 0 15W * *", "0 0 * * 5#2", "0 0 * * L5"})
    EXPECT_THAT(fault(expression), ::testing::HasSubstr("`L`, `W` and `#` are not supported")) << expression;
  EXPECT_THAT(fault("H * * * *"), ::testing::HasSubstr("`H` and `R` are not supported"));
  EXPECT_THAT(fault("0 0 ?,1 * *"), ::testing::HasSubstr("`?` stands alone"));
}

TEST(CronFaults, CountTheFields) {
  EXPECT_THAT(fault("* * * *"), ::testing::HasSubstr("it has 4 fields, not five"));
  EXPECT_THAT(fault("0 0 0 * * *"), ::testing::HasSubstr("it has 6 fields, not five"));
  EXPECT_THAT(fault("daily"), ::testing::HasSubstr("it has 1 field, not five"));
  EXPECT_THAT(fault(""), ::testing::HasSubstr("it has 0 fields, not five"));
  EXPECT_THAT(fault("@dayly"), ::testing::HasSubstr("@dayly: there is no such preset"));
}

TEST(CronReading, AStepBeyondTheFieldLeavesItsBeginning) {
  EXPECT_EQ(next("*/4294967290 * * * *", "2026-01-15 12:30"), "2026-01-15 13:00");
  EXPECT_EQ(next("5/99999999999999999999 * * * *", "2026-01-15 12:30"), "2026-01-15 13:05");
}

TEST(CronReading, NeverFailsOnAnyText) {
  std::mt19937 random(7);
  constexpr std::string_view letters = "0123456789*,-/ ?LW#@abcjanmonHR()\t\xc3\xa4";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::size_t length = random() % 24; length > 0; --length) text += letters[random() % letters.size()];
    EXPECT_NE(fault(text), "range outside of the text") << text;
  }
}

}  // namespace
}  // namespace liminal::model
