// Runs by Airflow, against a server that answers as Airflow does, or badly.
#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/run/on_target.hpp"

#include "run/told_progress.hpp"
#include "support/fault_server.hpp"
#include "support/test_world.hpp"

namespace liminal::run {
namespace {

using testing::Exchange;
using ::testing::HasSubstr;

class AirflowRunTest : public ::testing::Test {
 protected:
  AirflowRunTest() : server([this](Exchange& e) { answer(e); }) {
    system.name = "wine";
    pipeline.name = "train";
    model::Task& load = pipeline.tasks.emplace_back();
    load.name = "load";
    load.type = model::TaskType::python;
    request.repeat_command = "liminal run train";
  }

  // All but looks at the run, and at logs, is answered here.
  void answer(Exchange& e) {
    const std::string& target = e.request.target;
    if (target == "/api/v2/version") return reply(e, {{"version", "3.3.2"}});
    if (target == "/auth/token") return reply(e, {{"access_token", "t0ken"}});
    if (e.request.method == "POST") return reply(e, run_of("queued"));
    if (target.find("/logs/") != std::string::npos) return log(e);
    if (target.find("/taskInstances") != std::string::npos) return reply(e, {{"task_instances", Json::array({task})}});
    if (target.find("/dagRuns/") != std::string::npos) return look(e);
    reply(e, {{"dag_id", "train"}, {"is_paused", false}, {"is_stale", false}});
  }

  static void reply(Exchange& e, const Json& body) {
    e.body();
    e.reply(200, {}, body.dump());
  }
  static Json run_of(const char* state) { return {{"dag_run_id", "r1"}, {"dag_id", "train"}, {"state", state}}; }

  Result<RunResult> run() {
    auto client = airflow::Client::connect(world, {server.url(""), {"admin", "a", ""}, {}, false});
    if (!client) return tl::unexpected(client.error());
    return run_by_airflow(world, *client, system, pipeline, request);
  }

  testing::Handler look;
  testing::Handler log = [](Exchange& e) { e.reply(404, {}, "{}"); };
  Json task = {{"task_id", "load"}, {"state", "success"}, {"try_number", 1}, {"map_index", -1}};
  testing::FaultServer server;
  testing::TestWorld parts;
  testing::ToldProgress told;
  std::unique_ptr<HttpClient> http = make_http_client("liminal-test", Environment());
  World world{parts.files, parts.processes, *http, parts.clock, parts.environment, told, parts.cancellation, 1};
  model::System system;
  model::Pipeline pipeline;
  AirflowRequest request;
};

TEST_F(AirflowRunTest, IsFollowedThroughAnOutageThatIsToldOnce) {
  std::atomic<unsigned> looks = 0;
  look = [&](Exchange& e) { ++looks < 50 ? e.reply(503) : reply(e, run_of("success")); };
  const auto result = run();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->succeeded);
  const std::string text = told.text();
  EXPECT_THAT(text, HasSubstr("run | note: Airflow does not answer as it should"));
  EXPECT_EQ(text.find("does not answer"), text.rfind("does not answer"));
  EXPECT_THAT(text, HasSubstr("run | Airflow answers again, after "));
}

TEST_F(AirflowRunTest, ARunThatCannotBeFollowedIsNotBegunAgain) {
  request.url = "http://airflow.test";
  look = [](Exchange& e) { e.reset(); };
  const auto begin = parts.clock.monotonic();
  const auto result = run();
  EXPECT_GE(parts.clock.monotonic() - begin, std::chrono::minutes(5));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(result.error().message, HasSubstr("the run r1 goes on by itself"));
  EXPECT_EQ(
      result.error().advice,
      "to see it: http://airflow.test/dags/train/runs/r1. If it has failed by then, go on with: liminal run train "
      "--resume r1");
}

TEST_F(AirflowRunTest, WhatDoesNotPassIsNotWaitedFor) {
  look = [](Exchange& e) { e.reply(403, {}, "{}"); };
  const auto begin = parts.clock.monotonic();
  const auto result = run();
  EXPECT_LT(parts.clock.monotonic() - begin, std::chrono::minutes(1));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("the run r1 goes on by itself"));
  EXPECT_THAT(result.error().causes.front(), HasSubstr("does not let admin"));
}

// Airflow makes no tasks for a date outside the DAG's, and counts such a run as a success.
TEST_F(AirflowRunTest, ADateOutsideThePipelinesIsRefused) {
  const auto at = [](int year) { return std::chrono::sys_seconds(model::start_of({year, 6, 1})); };
  look = [](Exchange& e) { reply(e, run_of("success")); };
  pipeline.start_date = model::Date{2026, 1, 1};
  pipeline.end_date = at(2027);
  for (const auto& [year, key] : {std::pair{2025, "start_date"}, std::pair{2028, "end_date"}}) {
    request.logical_date = at(year);
    const auto result = run();
    ASSERT_FALSE(result) << year;
    EXPECT_EQ(result.error().kind, ErrorKind::usage);
    EXPECT_THAT(result.error().message, HasSubstr(key));
    EXPECT_EQ(server.count("POST", "/api/"), 0U);
  }
  request.logical_date = at(2026);
  EXPECT_TRUE(run()->succeeded);
}

TEST_F(AirflowRunTest, ASuccessWithoutATaskIsNone) {
  task["task_id"] = "another";
  look = [](Exchange& e) { reply(e, run_of("success")); };
  const auto result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::failed);
  EXPECT_THAT(result.error().message, HasSubstr("ran none of its tasks"));
}

TEST_F(AirflowRunTest, SaysThatTheTimeLimitEndedARun) {
  pipeline.timeout = std::chrono::minutes(1);
  Json ended = run_of("failed");
  ended.update({{"start_date", "2026-01-01T00:00:00Z"}, {"end_date", "2026-01-01T00:01:02Z"}});
  look = [&](Exchange& e) { reply(e, ended); };
  EXPECT_EQ(run()->reason, "its time limit of 1 minute ended it (`timeout_minutes`)");
  ended["end_date"] = "2026-01-01T00:00:59Z";
  EXPECT_EQ(run()->reason, "");
}

// Looks at a run that goes on for so many of them, and then succeeds.
class AirflowLogTest : public AirflowRunTest {
 protected:
  AirflowLogTest() {
    task["state"] = "running";
    look = [this](Exchange& e) {
      if (++looks < 20) return reply(e, run_of("running"));
      task["state"] = "success";
      reply(e, run_of("success"));
    };
  }
  unsigned looks = 0;
  unsigned reads = 0;
};

TEST_F(AirflowLogTest, ALargeLogIsAskedForLessOften) {
  const std::string large = R"({"content":[{"event":")" + std::string(4U << 20U, 'x') + R"("}]})";
  log = [&](Exchange& e) {
    ++reads;
    e.reply(200, {}, large);
  };
  ASSERT_TRUE(run());
  // Every four seconds, and at its end.
  EXPECT_GE(reads, 4U);
  EXPECT_LE(reads, 7U);
}

TEST_F(AirflowLogTest, ASmallLogIsAskedForAtEachLookAndToldOnce) {
  log = [&](Exchange& e) {
    ++reads;
    reply(e, {{"content", Json::array({{{"event", "[base] line one"}, {"level", "info"}}})}});
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(reads, 20U);
  EXPECT_THAT(told.text(), HasSubstr("load | line one\n"));
  EXPECT_EQ(told.text().find("line one"), told.text().rfind("line one"));
}

TEST_F(AirflowLogTest, ALogThatIsTooLargeIsToldToBeOnceAndAskedForAgainAtItsEnd) {
  const std::string large = R"({"content":[{"event":")" + std::string(33U << 20U, 'x') + R"("}]})";
  log = [&](Exchange& e) {
    ++reads;
    e.reply(200, {}, large);
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(reads, 2U);
  const std::string text = told.text();
  EXPECT_THAT(text, HasSubstr("load | note: its log grew too large to be followed"));
  EXPECT_EQ(text.find("too large"), text.rfind("too large"));
}

// A progress bar goes back to the begin of its line; a trace goes on below it.
TEST_F(AirflowLogTest, WhatGoesOnWithALineIsOfWhoPrintedIt) {
  log = [&](Exchange& e) {
    reply(e, {{"content",
               Json::array(
                   {{{"timestamp", "2026-01-01T00:00:00Z"}, {"event", "[base] one\rtwo\rthree"}, {"level", "info"}},
                    {{"timestamp", "2026-01-01T00:00:01Z"}, {"event", "Deleting pod\rload-1"}, {"level", "info"}}})}});
  };
  ASSERT_TRUE(run());
  EXPECT_THAT(told.text(), HasSubstr("load | one\nload | two\nload | three\nload | ended"));
}

TEST_F(AirflowRunTest, OfAFailureInAPodTheExceptionAndTheReasonAreToldAndNotThePod) {
  task["state"] = "failed";
  look = [](Exchange& e) { reply(e, run_of("failed")); };
  const auto fails = [&](const std::string& value) {
    log = [value](Exchange& e) {
      const Json frame = {{"filename", "task_runner.py"}, {"lineno", 1579}, {"name", "_run"}};
      reply(e, {{"content", Json::array({{{"timestamp", "2026-01-01T00:00:00Z"},
                                          {"event", "Task failed with exception"},
                                          {"level", "error"},
                                          {"error_detail", Json::array({{{"exc_type", "AirflowException"},
                                                                         {"exc_value", value},
                                                                         {"frames", Json::array({frame})}}})}}})}});
    };
    const auto result = run();
    return result ? result->tasks[0].detail : result.error().message;
  };
  const std::string pod = "Pod load-1 returned a failure.\nremote_pod: {'kind': 'Pod',\n  'state': {'exit_code': 3,\n";
  EXPECT_EQ(fails(pod), "exit status 3");
  EXPECT_THAT(told.text(),
              HasSubstr("load | Task failed with exception\nload | AirflowException: Pod load-1 returned a "
                        "failure.\nload | ended: exit status 3"));
  EXPECT_EQ(fails(pod + " 'reason': 'OOMKilled'"), "killed for want of memory");
  EXPECT_EQ(fails("(404)\nReason: Not Found\nkubernetes.client.exceptions.ApiException: (404)"), "its pod is gone");
}

TEST_F(AirflowLogTest, TheLogOfAnAttemptThatIsOverIsReadOnce) {
  task["try_number"] = 2;
  log = [&](Exchange& e) {
    if (e.request.target.find("/logs/1?") != std::string::npos) ++reads;
    reply(e, {{"content", Json::array()}});
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(reads, 1U);
}

}  // namespace
}  // namespace liminal::run
