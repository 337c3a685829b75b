// The client against a server that answers as Airflow does, or badly.
#include "liminal/airflow/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/base64.hpp"

#include "support/fault_server.hpp"
#include "support/test_world.hpp"

namespace liminal::airflow {
namespace {

using ::testing::ElementsAre;
using testing::Exchange;
using testing::FaultServer;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* canary = "c4nary-pa55word";

class AirflowClient : public ::testing::Test {
 protected:
  // An Airflow of this version whose calls the test answers; version and sign-in are answered for it.
  Result<Client> connect(unsigned major, testing::Handler handler) {
    server = std::make_unique<FaultServer>([this, major, handler = std::move(handler)](Exchange& e) {
      const std::string& target = e.request.target;
      if (target == "/api/v2/version") {
        return major == 3 ? e.reply(200, {}, Json{{"version", version_3}}.dump()) : e.reply(404, {}, "<html>no</html>");
      }
      if (target == "/api/v1/version") return e.reply(200, {}, R"({"version":"2.11.2"})");
      if (target == "/auth/token") {
        e.body();
        return e.reply(201, {}, R"({"access_token":"t0ken"})");
      }
      handler(e);
    });
    return Client::connect(world, {server->url(""), {"admin", canary, ""}, {}, false});
  }

  // No text of an error holds the password, in any of the forms that it is sent in.
  static void expect_no_secret(const Error& error) {
    std::string all = error.message + error.advice;
    for (const std::string& cause : error.causes) all += cause;
    for (const std::string& secret :
         {std::string(canary), base64_encode(std::string("admin:") + canary), std::string("t0ken")})
      EXPECT_THAT(all, Not(HasSubstr(secret)));
  }

  std::string version_3 = "3.3.2";
  testing::TestWorld parts;
  std::unique_ptr<HttpClient> http = make_http_client("liminal-test", Environment());
  World world{parts.files,    parts.processes,    *http, parts.clock, parts.environment,
              parts.progress, parts.cancellation, 1};
  std::unique_ptr<FaultServer> server;
};

TEST_F(AirflowClient, SignsInToAirflow3WithAToken) {
  const auto client = connect(3, [](Exchange& e) { e.reply(200, {}, R"({"dags":[],"total_entries":0})"); });
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_EQ(client->version().major, 3U);
  EXPECT_EQ(client->version().text, "3.3.2");
  ASSERT_TRUE(client->dags());
  EXPECT_EQ(server->requests().back().header("Authorization"), "Bearer t0ken");
  EXPECT_THAT(server->requests().back().target, HasSubstr("/api/v2/dags?"));
}

TEST_F(AirflowClient, SignsInToAirflow2WithNameAndPassword) {
  const auto client = connect(2, [](Exchange& e) { e.reply(200, {}, R"({"dags":[],"total_entries":0})"); });
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_EQ(client->version().major, 2U);
  ASSERT_TRUE(client->dags());
  EXPECT_EQ(server->requests().back().header("Authorization"),
            "Basic " + base64_encode(std::string("admin:") + canary));
  EXPECT_THAT(server->requests().back().target, HasSubstr("/api/v1/dags?"));
}

TEST_F(AirflowClient, GetsAnotherTokenWhenItsOwnHasExpired) {
  unsigned calls = 0;
  const auto client = connect(3, [&](Exchange& e) {
    ++calls == 1 ? e.reply(401, {}, R"({"detail":"Invalid JWT token"})") : e.reply(200, {}, R"({"dags":[]})");
  });
  ASSERT_TRUE(client);
  EXPECT_TRUE(client->dags());
  EXPECT_EQ(server->count("POST", "/auth/token"), 2U);
}

TEST_F(AirflowClient, SaysWhatIsNoAirflow) {
  for (const char* body : {"<html>hello</html>", R"({"version":"1.10.15"})", R"({"version":7})", ""}) {
    FaultServer other([&](Exchange& e) { e.reply(200, {}, body); });
    const auto client = Client::connect(world, {other.url(""), {}, {}, false});
    ASSERT_FALSE(client) << body;
    EXPECT_EQ(client.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(client.error().message, HasSubstr("is no Airflow 2 or 3"));
  }
}

TEST_F(AirflowClient, SaysThatNothingAnswers) {
  const auto url = "http://127.0.0.1:" + std::to_string(FaultServer::unused_port());
  const auto client = Client::connect(world, {url, {"admin", canary, ""}, {}, false});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(client.error().message, HasSubstr(url));
  expect_no_secret(client.error());
}

TEST_F(AirflowClient, SendsNoPasswordInTheClearToAnotherMachine) {
  const auto client = Client::connect(world, {"http://airflow.example.org", {"admin", canary, ""}, {}, false});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::usage);
  EXPECT_THAT(client.error().advice, HasSubstr("https"));
}

TEST_F(AirflowClient, TellsEachRefusalInItsOwnWords) {
  struct Refused {
    int status;
    ErrorKind kind;
    const char* message;
  };
  for (const auto& [status, kind, message] :
       {Refused{401, ErrorKind::unavailable, "does not know admin"},
        Refused{403, ErrorKind::unavailable, "does not let admin"}, Refused{404, ErrorKind::usage, "has nothing there"},
        Refused{409, ErrorKind::failed, "could not unpause"}, Refused{422, ErrorKind::failed, "could not unpause"},
        Refused{429, ErrorKind::unavailable, "could not unpause"},
        Refused{500, ErrorKind::unavailable, "could not unpause"},
        Refused{302, ErrorKind::unavailable, "could not unpause"}}) {
    for (const unsigned major : {2U, 3U}) {
      const auto client = connect(major, [status = status](Exchange& e) {
        e.reply(status, {{"Retry-After", "0"}}, "{\"detail\":\"the\\u001b[31m reason\"}");
      });
      ASSERT_TRUE(client);
      const auto done = client->set_paused("a", false);
      ASSERT_FALSE(done) << status;
      EXPECT_EQ(done.error().kind, kind) << status;
      EXPECT_THAT(done.error().message, HasSubstr(message)) << status;
      EXPECT_THAT(done.error().causes.back(), HasSubstr("the [31m reason"));
      EXPECT_FALSE(done.error().advice.empty() && status != 409 && status != 422) << status;
      expect_no_secret(done.error());
    }
  }
}

TEST_F(AirflowClient, TellsWhyABodyWasRefused) {
  const auto client = connect(3, [](Exchange& e) {
    e.reply(422, {}, R"({"detail":[{"loc":["body","conf"],"msg":"Input should be an object","type":"x"}]})");
  });
  const auto done = client->set_paused("a", false);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().causes.back(), HasSubstr("Input should be an object"));
}

TEST_F(AirflowClient, TriesAgainWhatMayPass) {
  for (const int status : {429, 500, 502, 503, 504}) {
    unsigned calls = 0;
    const auto client = connect(3, [&](Exchange& e) {
      ++calls < 3 ? e.reply(status, {{"Retry-After", "0"}}, "busy") : e.reply(200, {}, R"({"dags":[{"dag_id":"a"}]})");
    });
    const auto dags = client->dags();
    ASSERT_TRUE(dags) << status;
    EXPECT_EQ(dags->front().id, "a");
  }
  unsigned calls = 0;
  const auto client = connect(3, [&](Exchange& e) { ++calls < 3 ? e.reset() : e.reply(200, {}, R"({"dags":[]})"); });
  EXPECT_TRUE(client->dags());
}

TEST_F(AirflowClient, IsNotFooledByGarbageOrHalfAnAnswer) {
  for (const char* body : {"garbage", "[]", "\"text\"", "null", "{\"dags\":", ""}) {
    const auto client = connect(2, [&](Exchange& e) { e.reply(200, {}, body); });
    const auto dags = client->dags();
    ASSERT_FALSE(dags) << body;
    EXPECT_THAT(dags.error().message, HasSubstr("no JSON"));
  }
  const auto client = connect(2, [](Exchange& e) { e.cut_off(200, 1000, "{\"dags\":[]}"); });
  EXPECT_EQ(client->dags().error().kind, ErrorKind::unavailable);
}

TEST_F(AirflowClient, TakesMembersOfAnotherKindForMissingOnes) {
  const auto client = connect(3, [](Exchange& e) {
    e.reply(200, {}, R"({"dags":[7,{"dag_id":7,"is_paused":"yes","tags":"x"},{"dag_id":"b","tags":[{"name":"t"}]}]})");
  });
  const auto dags = client->dags();
  ASSERT_TRUE(dags);
  ASSERT_EQ(dags->size(), 2U);
  EXPECT_EQ(dags->at(0).id, "");
  EXPECT_THAT(dags->at(1).tags, ElementsAre("t"));
}

TEST_F(AirflowClient, StopsAnEndlessAnswer) {
  const auto client = connect(3, [](Exchange& e) { e.endless(); });
  EXPECT_FALSE(client->dags());
}

TEST_F(AirflowClient, StopsWhenTheUserDoes) {
  const auto client = connect(3, [](Exchange& e) { e.wait(std::chrono::seconds(20)); });
  std::thread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    parts.cancellation.request(2);
  });
  EXPECT_EQ(client->dags().error().kind, ErrorKind::interrupted);
  user.join();
}

TEST_F(AirflowClient, NamesALogicalDateWhenItTriggers) {
  const auto client = connect(3, [](Exchange& e) {
    const Json body = Json::parse(e.body());
    e.reply(200, {},
            Json{{"dag_run_id", body["dag_run_id"]},
                 {"dag_id", "a"},
                 {"state", "queued"},
                 {"logical_date", body["logical_date"]}}
                .dump());
  });
  const auto run = client->trigger({"a", "", std::nullopt, {{"k", "v"}}});
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->logical_date, "2026-01-15T12:00:00Z");
  EXPECT_FALSE(run->finished());
  const Json sent = Json::parse(server->requests().back().body);
  EXPECT_EQ(sent["conf"]["k"], "v");
  EXPECT_EQ(server->requests().back().target, "/api/v2/dags/a/dagRuns");
}

TEST_F(AirflowClient, TriggersOnceThoughTheFirstAnswerWasLost) {
  unsigned posts = 0;
  std::string id;
  const auto client = connect(3, [&](Exchange& e) {
    if (e.request.method == "POST") {
      id = Json::parse(e.body())["dag_run_id"];
      return ++posts == 1 ? e.reset() : e.reply(409, {}, R"({"detail":"exists"})");
    }
    e.reply(200, {}, Json{{"dag_run_id", id}, {"dag_id", "a"}, {"state", "running"}}.dump());
  });
  const auto run = client->trigger({"a", "", std::nullopt, {}});
  ASSERT_TRUE(run) << run.error().message << ::testing::PrintToString(run.error().causes) << posts;
  EXPECT_EQ(run->id, id);
  EXPECT_EQ(posts, 2U);
}

TEST_F(AirflowClient, DoesNotTakeAnothersRunForItsOwn) {
  const auto client = connect(3, [](Exchange& e) { e.reply(409, {}, R"({"detail":"DAGRun exists"})"); });
  const auto run = client->trigger({"a", "mine", std::nullopt, {}});
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().advice, HasSubstr("another date"));
}

TEST_F(AirflowClient, EncodesNamesInPaths) {
  const auto client = connect(2, [](Exchange& e) { e.reply(200, {}, R"({"dag_run_id":"x","state":"failed"})"); });
  const auto run = client->run("a/../b", "run 1?#");
  ASSERT_TRUE(run);
  EXPECT_TRUE(run->finished());
  EXPECT_EQ(server->requests().back().target, "/api/v1/dags/a%2F..%2Fb/dagRuns/run%201%3F%23");
}

TEST_F(AirflowClient, FindsNoDagWhoseFileHasGone) {
  std::string body;
  const auto client = connect(3, [&](Exchange& e) { body.empty() ? e.reply(404, {}, "{}") : e.reply(200, {}, body); });
  EXPECT_FALSE(*client->find_dag("a"));
  body = R"({"dag_id":"a","is_stale":true})";
  EXPECT_FALSE(*client->find_dag("a"));
  body = R"({"dag_id":"a","is_active":false})";
  EXPECT_FALSE(*client->find_dag("a"));
  body = R"({"dag_id":"a","is_stale":false,"is_paused":true,"fileloc":"/d/a.py"})";
  const auto there = client->find_dag("a");
  ASSERT_TRUE(*there);
  EXPECT_TRUE((*there)->paused);
  EXPECT_EQ((*there)->file, "/d/a.py");
}

TEST_F(AirflowClient, ReadsListsPageByPage) {
  const auto client = connect(3, [](Exchange& e) {
    const bool first = e.request.target.find("offset=0") != std::string::npos;
    Json items = Json::array();
    for (int i = 0; i < (first ? 100 : 3); ++i) items.push_back({{"filename", "f"}, {"stack_trace", "a\nb"}});
    e.reply(200, {}, Json{{"import_errors", items}}.dump());
  });
  const auto errors = client->import_errors();
  ASSERT_TRUE(errors);
  EXPECT_EQ(errors->size(), 103U);
  EXPECT_EQ(errors->front().trace, "a\nb");
}

TEST_F(AirflowClient, ResumesWhatFailedAndWhatComesAfter) {
  const auto client = connect(3, [](Exchange& e) {
    e.body();
    e.reply(200, {}, R"({"task_instances":[{"task_id":"b"},{"task_id":"c"},{"task_id":"b","map_index":1}]})");
  });
  const auto cleared = client->resume("a", "r");
  ASSERT_TRUE(cleared);
  EXPECT_THAT(*cleared, ElementsAre("b", "c"));
  const Json sent = Json::parse(server->requests().back().body);
  EXPECT_EQ(sent["only_failed"], true);
  EXPECT_EQ(sent["dry_run"], false);
  EXPECT_EQ(sent["include_downstream"], true);
  EXPECT_EQ(sent["dag_run_id"], "r");
}

TEST_F(AirflowClient, ResumesWithTheDagAsItIsNowWhereAirflowCanBeAskedTo) {
  struct Asked {
    unsigned major;
    const char* version;
    bool latest;
  };
  for (const auto& [major, version, latest] :
       {Asked{3, "3.3.2", true}, Asked{3, "3.1.0rc1", true}, Asked{3, "3.10.0", true}, Asked{3, "3.0.6", false},
        Asked{2, "", false}}) {
    version_3 = version;
    const auto client = connect(major, [](Exchange& e) {
      e.body();
      e.reply(200, {}, R"({"task_instances":[]})");
    });
    ASSERT_TRUE(client->resume("a", "r")) << version;
    const Json sent = Json::parse(server->requests().back().body);
    EXPECT_EQ(sent.value("run_on_latest_version", false), latest) << version;
    // 3.0 and 2 take no member that they do not know.
    EXPECT_EQ(sent.contains("run_on_latest_version"), latest) << version;
  }
}

TEST_F(AirflowClient, TellsOnlyNewLinesOfALog) {
  std::string content =
      R"([{"event":"::group::Log message source details"},{"event":"/logs/attempt=1.log"},{"event":"::endgroup::"},
      {"timestamp":"2026-01-01T00:00:00Z","level":"INFO","event":"one\ntwo"}])";
  const auto client = connect(3, [&](Exchange& e) { e.reply(200, {}, "{\"content\":" + content + "}"); });
  TaskInstance task;
  task.task = "t";
  auto log = client->task_log("a", "r", task, 1, {});
  ASSERT_TRUE(log);
  ASSERT_EQ(log->lines.size(), 2U);
  EXPECT_EQ(log->lines[0].text, "one");
  EXPECT_EQ(log->lines[0].level, "info");
  EXPECT_EQ(log->lines[1].time, "");
  content.insert(content.size() - 1, R"(,{"timestamp":"x","event":"three"})");
  log = client->task_log("a", "r", task, 1, log->next);
  ASSERT_EQ(log->lines.size(), 1U);
  EXPECT_EQ(log->lines[0].text, "three");
  EXPECT_THAT(server->requests().back().target, HasSubstr("/taskInstances/t/logs/1?"));
}

TEST_F(AirflowClient, HasAnEmptyLogOfAnAttemptThatHasNotBegun) {
  const auto client = connect(2, [](Exchange& e) { e.reply(404, {}, "{}"); });
  TaskInstance task;
  task.task = "t";
  task.map_index = 2;
  const auto log = client->task_log("a", "r", task, 1, {5, "", 0});
  ASSERT_TRUE(log);
  EXPECT_TRUE(log->lines.empty());
  EXPECT_EQ(log->next.lines, 5U);
  EXPECT_THAT(server->requests().back().target, HasSubstr("map_index=2"));
  EXPECT_EQ(server->requests().back().header("Accept"), "text/plain");
}

TEST_F(AirflowClient, GetsOnlyWhatIsNewOfALogByAirflow3sToken) {
  const auto client = connect(3, [](Exchange& e) {
    if (e.request.target.find("token=t%2F1") == std::string::npos)
      return e.reply(200, {}, R"({"content":[{"event":"one"},{"event":"two"}],"continuation_token":"t/1"})");
    e.reply(200, {}, R"({"content":[{"event":"three"}],"continuation_token":null})");
  });
  TaskInstance task;
  task.task = "t";
  const auto first = client->task_log("a", "r", task, 1, {});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->lines.size(), 2U);
  const auto second = client->task_log("a", "r", task, 1, first->next);
  ASSERT_TRUE(second) << second.error().message;
  ASSERT_EQ(second->lines.size(), 1U);
  EXPECT_EQ(second->lines[0].text, "three");
  EXPECT_EQ(second->next.lines, 3U);
  EXPECT_GT(second->next.bytes, first->next.bytes);
  EXPECT_EQ(second->next.token, "");
  EXPECT_THAT(server->requests().back().target, HasSubstr("full_content=false&token="));
}

TEST_F(AirflowClient, ReadsALogAnewWhenItsTokenIsNotKnown) {
  const auto client = connect(3, [](Exchange& e) {
    if (e.request.target.find("token=") != std::string::npos) return e.reply(400, {}, R"({"detail":"Bad Signature."})");
    e.reply(200, {}, R"({"content":[{"event":"one"},{"event":"two"}]})");
  });
  TaskInstance task;
  task.task = "t";
  const auto log = client->task_log("a", "r", task, 1, {1, "old", 10});
  ASSERT_TRUE(log) << log.error().message;
  ASSERT_EQ(log->lines.size(), 1U);
  EXPECT_EQ(log->lines[0].text, "two");
}

TEST_F(AirflowClient, SaysThatALogIsTooLargeToBeReadAtOnce) {
  const std::string large = R"({"content":[{"event":")" + std::string(33U << 20U, 'x') + R"("}]})";
  const auto client = connect(3, [&](Exchange& e) { e.reply(200, {}, large); });
  TaskInstance task;
  task.task = "t";
  const auto log = client->task_log("a", "r", task, 1, {3, "", 7});
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_TRUE(log->too_large);
  EXPECT_EQ(log->next.lines, 3U);
}

TEST_F(AirflowClient, ReadsALogOfAirflow2OfAnySize) {
  // 720 lines of 60 KiB: 42 MiB.
  std::string text = "host\n*** Found local files:\n";
  for (unsigned i = 0; i < 720; ++i)
    text += "[2026-11-25T02:00:00.123+0000] {a.py:1} INFO - " + std::to_string(i) + std::string(60U << 10U, 'x') + "\n";
  const auto client = connect(2, [&](Exchange& e) { e.reply(200, {}, text); });
  TaskInstance task;
  task.task = "t";
  const auto first = client->task_log("a", "r", task, 1, {});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->more);
  EXPECT_GT(first->lines.size(), 500U);
  const auto second = client->task_log("a", "r", task, 1, first->next);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_FALSE(second->more);
  EXPECT_EQ(first->lines.size() + second->lines.size(), 720U);
  EXPECT_TRUE(second->lines.front().text.starts_with(std::to_string(first->lines.size()) + "x"));
  EXPECT_EQ(second->next.bytes, text.size());
}

}  // namespace
}  // namespace liminal::airflow
