// Values that Airflow refuses when it loads a DAG, or Kubernetes when it makes a pod.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Of a pipeline with this key, in line 6.
std::vector<std::string> pipeline(const std::string& key) {
  const testing::TemporaryFolder folder;
  folder.write(
      "liminal.yml",
      "name: shop\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n    timeout_minutes: 30\n    " + key +
          "\n    tasks: [{task: a, type: python, image: 'busybox:1', cmd: echo}]\n");
  return testing::findings_in(folder);
}

// Of an executor with this key, in line 4.
std::vector<std::string> executor(const std::string& key) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\nexecutors:\n  - {executor: k, type: kubernetes,\n     " + key +
                   "}\npipelines:\n  - {pipeline: daily, start_date: 2026-01-01, timeout_minutes: 30, tasks: [\n"
                   "      {task: a, type: python, image: 'busybox:1', cmd: echo, executor: k}]}\n");
  return testing::findings_in(folder);
}

TEST(AirflowValues, OfAScheduleAreNoDate) {
  EXPECT_THAT(pipeline("schedule: 2026-01-01"), ElementsAre(HasSubstr("bad-cron liminal.yml:6:15")));
  EXPECT_THAT(pipeline("schedule: '@daily'"), IsEmpty());
}

TEST(AirflowValues, OfAnEndAreADayNotBeforeTheStart) {
  EXPECT_THAT(pipeline("end_date: bogus"),
              ElementsAre(HasSubstr("bad-date liminal.yml:6:15 `bogus` is not a date of the calendar")));
  EXPECT_THAT(pipeline("end_date: 2025-12-31"), ElementsAre(HasSubstr("`end_date` 2025-12-31 is before `start_date`")));
  EXPECT_THAT(pipeline("end_date: 2026-02-01T25:00"), ElementsAre(HasSubstr("is not a time that Airflow reads")));
  for (const char* wrong : {"'2026-12-31 9:00'", "'2026-12-31T4'", "'2026-12-31T10:00:00 Z'", "'2026-12-31t10:00:00'"})
    EXPECT_THAT(pipeline(std::string("end_date: ") + wrong), ElementsAre(HasSubstr("bad-date"))) << wrong;
  for (const char* right :
       {"end_date: 2026-01-01", "end_date: 2026-02-01T04:30:00Z", "end_date: 2026-02-01 04:30:00", "end_date:"})
    EXPECT_THAT(pipeline(right), ::testing::Not(Contains(HasSubstr("bad-date")))) << right;
  EXPECT_THAT(executor("start_date: bogus"), ElementsAre(HasSubstr("bad-date liminal.yml:4:18")));
  EXPECT_THAT(executor("end_date: 2026-13-01"), ElementsAre(HasSubstr("bad-date")));
}

TEST(AirflowValues, OfPoolsAndRetriesAreWhatBothAirflowsTake) {
  EXPECT_THAT(pipeline("pool: my pool"), ElementsAre(HasSubstr("warning bad-argument liminal.yml:6:11 Airflow 2")));
  EXPECT_THAT(pipeline("pool: ''"), ElementsAre(HasSubstr("bad-argument liminal.yml:6:11 `pool` is empty")));
  EXPECT_THAT(pipeline("retry_exponential_backoff: 2"), ElementsAre(HasSubstr("warning bad-argument")));
  for (const char* right : {"pool: my-pool_1.x", "retry_exponential_backoff: true", "email: [a@example.org]"})
    EXPECT_THAT(pipeline(right), IsEmpty()) << right;
}

TEST(AirflowValues, OfAnExecutorAreOfTheKindThatAirflowWants) {
  for (const char* wrong : {"on_kill_action: abc", "on_finish_action: 5", "weight_rule: 5", "pool_slots: 0",
                            "params: abc", "email: 5", "email: [5]", "pool: ''"})
    EXPECT_THAT(executor(wrong), ElementsAre(HasSubstr("bad-argument liminal.yml:4:"))) << wrong;
  for (const char* right : {"on_kill_action: keep_pod", "pool_slots: 2", "params: {a: 1}", "email: a@example.org",
                            "email: '{{ who }}'", "weight_rule: my.module.Rule"})
    EXPECT_THAT(executor(right), IsEmpty()) << right;
}

TEST(AirflowValues, OfResourcesAreNamesThatKubernetesHas) {
  EXPECT_THAT(
      executor("resources: {limits: {cpus: 1}}"),
      ElementsAre(HasSubstr("bad-quantity liminal.yml:4:27 Kubernetes has no resource `cpus`; did you mean `cpu`?")));
  EXPECT_THAT(executor("resources: {limits: {mem: 1Gi}}"), ElementsAre(HasSubstr("did you mean `memory`?")));
  EXPECT_THAT(executor("resources: {requests: {CPU: 1}}"), ElementsAre(HasSubstr("did you mean `cpu`?")));
  EXPECT_THAT(executor("resources: {limits: {nvidia.com/gpu: 1.5}}"), ElementsAre(HasSubstr("is no whole number")));
  EXPECT_THAT(
      executor("resources: {limits: {nvidia.com/gpu: 2, cpu: 1.5, hugepages-2Mi: 4Mi, ephemeral-storage: 1Gi}}"),
      IsEmpty());
}

TEST(AirflowValues, OfResourcesAreComparedExactly) {
  EXPECT_THAT(executor("resources: {requests: {cpu: 0.5}, limits: {cpu: 500m, nvidia.com/gpu: 1000m}}"), IsEmpty());
  EXPECT_THAT(executor("resources: {requests: {cpu: 0.1}, limits: {cpu: 100m}}"), IsEmpty());
}

TEST(AirflowValues, OfNumbersAreToldThatLookLikeOthers) {
  EXPECT_THAT(pipeline("retries: 010"),
              ElementsAre(HasSubstr("warning ambiguous-scalar liminal.yml:6:14 `010` is read as `8`; write `8`")));
  EXPECT_THAT(pipeline("retry_delay: 1:30"), ElementsAre(HasSubstr("`1:30` is read as `90`")));
  for (const char* right : {"retries: 10", "retries: 0", "retry_delay: 1_000", "retry_delay: 0"})
    EXPECT_THAT(pipeline(right), IsEmpty()) << right;
}

}  // namespace
}  // namespace liminal
