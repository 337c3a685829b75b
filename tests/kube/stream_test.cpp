#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster.hpp"

namespace liminal::kube {
namespace {

using namespace std::chrono_literals;
using testing::canary_token;
using testing::Cluster;
using ::testing::ElementsAre;
using testing::Exchange;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::reference;
using testing::refuse;
using testing::shown;

const Reference pods = reference("v1", "Pod", "");

std::string event(const std::string& type, const std::string& name, const std::string& version) {
  return R"({"type":")" + type + R"(","object":{"metadata":{"name":")" + name + R"(","resourceVersion":")" + version +
         "\"}}}\n";
}

class KubeWatch : public ::testing::Test {
 protected:
  Result<Answer> watch(Cluster& cluster, std::size_t enough = 100, std::chrono::milliseconds timeout = 60s) {
    return cluster.client().watch(pods, "app=web", "5", timeout, [&](std::string_view type, const Json& object) {
      events.push_back(std::string(type) + " " + object["metadata"].value("name", ""));
      return events.size() < enough;
    });
  }
  std::vector<std::string> events;
};

TEST_F(KubeWatch, TellsEventsUntilTheServerEnds) {
  Cluster cluster([](Exchange& e) {
    e.reply(200, {}, event("ADDED", "a", "6") + "\n" + event("MODIFIED", "a", "7") + event("BOOKMARK", "", "9"));
  });
  const auto end = watch(cluster);
  ASSERT_TRUE(end) << shown(end.error());
  EXPECT_EQ(end->code, 200);
  EXPECT_THAT(events, ElementsAre("ADDED a", "MODIFIED a", "BOOKMARK "));
  EXPECT_EQ(cluster.server.requests().front().target,
            "/api/v1/namespaces/ns/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=60&resourceVersion=5"
            "&labelSelector=app%3Dweb");
}

TEST_F(KubeWatch, EndsWhenTheCallerHasEnough) {
  Cluster cluster([](Exchange& e) {
    e.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string both = event("ADDED", "a", "6") + event("ADDED", "b", "7");
    for (const std::string& part : {both.substr(0, 30), both.substr(30)}) {
      e.send(fmt::format("{:x}\r\n{}\r\n", part.size(), part));
      e.wait(20ms);
    }
    e.wait(10s);
  });
  const auto end = watch(cluster, 2);
  ASSERT_TRUE(end) << shown(end.error());
  EXPECT_THAT(events, ElementsAre("ADDED a", "ADDED b"));
}

TEST_F(KubeWatch, SaysWhenTheVersionIsTooOld) {
  Cluster inside([](Exchange& e) {
    e.reply(200, {},
            R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}})"
            "\n");
  });
  const auto end = watch(inside);
  ASSERT_TRUE(end) << shown(end.error());
  EXPECT_EQ(end->code, 410);
  EXPECT_EQ(end->reason, "Expired");
  Cluster outside([](Exchange& e) { refuse(e, 410, "Expired"); });
  EXPECT_EQ(watch(outside)->code, 410);
}

TEST_F(KubeWatch, GoesOnWhereTheConnectionBroke) {
  std::atomic<int> calls{0};
  Cluster cluster([&](Exchange& e) {
    if (calls++ == 0) return e.cut_off(200, 10'000, event("ADDED", "a", "6") + "{\"type\":\"ADD");
    e.reply(200, {}, event("ADDED", "b", "8"));
  });
  const auto end = watch(cluster);
  ASSERT_TRUE(end) << shown(end.error());
  EXPECT_THAT(events, ElementsAre("ADDED a", "ADDED b"));
  EXPECT_THAT(cluster.server.requests().back().target, HasSubstr("resourceVersion=6"));
}

TEST_F(KubeWatch, LogsInOnceMoreAndTriesABusyServerAgain) {
  std::atomic<int> calls{0};
  Cluster cluster([&](Exchange& e) {
    switch (calls++) {
      case 0:
        return refuse(e, 401, "Unauthorized");
      case 1:
        return refuse(e, 429, "TooManyRequests", "later", "{}", {{"Retry-After", "1"}});
      default:
        return e.reply(200, {}, event("ADDED", "a", "6"));
    }
  });
  EXPECT_EQ(watch(cluster)->code, 200);
  EXPECT_EQ(cluster.tokens->forgotten(), 1U);
  EXPECT_THAT(events, ElementsAre("ADDED a"));
}

TEST_F(KubeWatch, RefusesWhatAreNoEvents) {
  for (const char* body : {"<html>\n", "{\"type\":1,\"object\":{}}\n", "{\"type\":\"ADDED\"}\n", "[]\n"}) {
    Cluster cluster([&](Exchange& e) { e.reply(200, {}, body); });
    const auto end = watch(cluster);
    ASSERT_FALSE(end) << body;
    EXPECT_EQ(end.error().kind, ErrorKind::unavailable);
  }
  Cluster endless([](Exchange& e) { e.endless(); });
  const auto end = watch(endless);
  ASSERT_FALSE(end);
  EXPECT_THAT(shown(end.error()), HasSubstr("larger than any object"));
}

class KubeLogs : public ::testing::Test {
 protected:
  Result<Answer> logs(Cluster& cluster, const Client::LogOptions& options = {}) {
    return cluster.client().logs(reference("v1", "Pod", "p"), options, [&](std::string_view line) -> Status {
      lines.emplace_back(line);
      if (line == "stop") return fail(ErrorKind::failed, "enough");
      return {};
    });
  }
  std::vector<std::string> lines;
};

TEST_F(KubeLogs, TellsEachLine) {
  Cluster cluster([](Exchange& e) { e.reply(200, {{"Content-Type", "text/plain"}}, "one\ntwo\nlast"); });
  Client::LogOptions options;
  options.container = "main";
  options.tail = 10;
  options.timestamps = true;
  const auto end = logs(cluster, options);
  ASSERT_TRUE(end) << shown(end.error());
  EXPECT_THAT(lines, ElementsAre("one", "two", "last"));
  EXPECT_EQ(cluster.server.requests().front().target,
            "/api/v1/namespaces/ns/pods/p/log?container=main&tailLines=10&timestamps=true");
}

TEST_F(KubeLogs, PassOnWhatTheCallerSaysAndWhatTheServerRefuses) {
  Cluster cluster([](Exchange& e) { e.reply(200, {}, "one\nstop\nthree\n"); });
  const auto end = logs(cluster);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().message, "enough");
  EXPECT_THAT(lines, ElementsAre("one", "stop"));
  Cluster waiting([](Exchange& e) {
    refuse(e, 400, "BadRequest", "container is waiting to start, " + std::string(canary_token) + "-0");
  });
  const auto refused = logs(waiting);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, 400);
  EXPECT_THAT(shown(*refused), Not(HasSubstr(std::string(canary_token))));
}

TEST_F(KubeLogs, AreNotToldTwiceAfterABreak) {
  Cluster cluster([](Exchange& e) { e.cut_off(200, 1000, "one\n"); });
  const auto end = logs(cluster);
  ASSERT_FALSE(end);
  EXPECT_TRUE(end.error().transient);
  EXPECT_THAT(lines, ElementsAre("one"));
}

}  // namespace
}  // namespace liminal::kube
