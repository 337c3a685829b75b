// When a pipeline runs next, as Airflow's timetable of data intervals and Argo's cron have it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/model/moment.hpp"
#include "liminal/plan/plan.hpp"

namespace liminal::plan {
namespace {

using std::chrono::sys_days;
using std::chrono::sys_seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr sys_seconds day(int year, unsigned month, unsigned date) {
  return sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{date}};
}

class NextRuns : public ::testing::Test {
 protected:
  std::vector<sys_seconds> runs(const std::string& schedule, engine::Engine engine = engine::Engine::airflow) {
    model::System system;
    model::Pipeline pipeline;
    pipeline.schedule = schedule;
    pipeline.start_date = start;
    pipeline.end_date = model::parse_moment(end);
    system.pipelines.push_back(pipeline);
    return make_plan({system}, {}, {}, engine, now).pipelines.front().next_runs;
  }

  model::Date start{2020, 1, 1};
  std::string end;
  sys_seconds now = day(2026, 11, 27) + std::chrono::hours{10};
};

TEST_F(NextRuns, FollowTheSchedule) {
  EXPECT_THAT(runs("@daily"), ElementsAre(day(2026, 11, 28), day(2026, 11, 29), day(2026, 11, 30)));
}

TEST_F(NextRuns, BeginWhenTheFirstIntervalEnds) {
  start = {2030, 1, 1};
  EXPECT_THAT(runs("@daily"), ElementsAre(day(2030, 1, 2), day(2030, 1, 3), day(2030, 1, 4)));
  start = {2030, 1, 2};
  EXPECT_THAT(runs("@monthly").front(), day(2030, 3, 1));
}

TEST_F(NextRuns, StopAtTheEnd) {
  end = "2020-06-01";
  EXPECT_THAT(runs("@daily"), IsEmpty());
  end = "2026-11-28";
  EXPECT_THAT(runs("@daily"), ElementsAre(day(2026, 11, 28), day(2026, 11, 29)));
  // The interval that began before the end still has its run.
  end = "2026-11-15";
  EXPECT_THAT(runs("@monthly"), ElementsAre(day(2026, 12, 1)));
  EXPECT_THAT(runs("@yearly"), ElementsAre(day(2027, 1, 1)));
  EXPECT_THAT(runs("0 0 29 2 *"), ElementsAre(day(2028, 2, 29)));
}

TEST_F(NextRuns, StopAtItsHour) {
  end = "2026-11-27T11:30:00";
  EXPECT_THAT(runs("@hourly"), ElementsAre(now + std::chrono::hours{1}, now + std::chrono::hours{2}));
  end = "2026-11-27T00:00:00-10:00";
  EXPECT_EQ(runs("@hourly").size(), 1U);
  end = "2026-11-27T00:00:00";
  EXPECT_THAT(runs("@hourly"), IsEmpty());
}

TEST_F(NextRuns, KnowThatArgoHasNoStartAndNoEnd) {
  start = {2030, 1, 1};
  end = "2020-06-01";
  EXPECT_EQ(runs("@daily", engine::Engine::argo).front(), day(2026, 11, 28));
}

}  // namespace
}  // namespace liminal::plan
