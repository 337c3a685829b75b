#include <atomic>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/http.hpp"
#include "liminal/base/thread_pool.hpp"

#include "support/fault_server.hpp"

namespace liminal {
namespace {

using testing::Exchange;
using testing::FaultServer;
using ::testing::HasSubstr;

class HttpBatch : public ::testing::Test {
 protected:
  // The outcomes by index; each is told once.
  std::vector<Result<HttpResponse>> send_all(const std::vector<HttpRequest>& requests, std::size_t at_once = 64) {
    std::vector<std::optional<Result<HttpResponse>>> outcomes(requests.size());
    client->send_all(requests, at_once, [&](std::size_t index, Result<HttpResponse> response) {
      EXPECT_FALSE(outcomes.at(index)) << index;
      outcomes.at(index) = std::move(response);
    });
    std::vector<Result<HttpResponse>> all;
    for (auto& outcome : outcomes) all.push_back(std::move(outcome.value()));
    return all;
  }
  static std::vector<HttpRequest> requests_to(const FaultServer& server, std::size_t count) {
    std::vector<HttpRequest> requests(count);
    for (std::size_t i = 0; i < count; ++i) requests[i].url = server.url("/" + std::to_string(i));
    return requests;
  }

  std::unique_ptr<HttpClient> client = make_http_client("liminal-test", Environment());
};

TEST_F(HttpBatch, GivesEachRequestItsOwnAnswerOverAFewConnectionsThatAreKept) {
  FaultServer server([](Exchange& e) { e.reply(200, {}, e.request.target + e.body()); });
  auto requests = requests_to(server, 100);
  for (std::size_t i = 0; i < requests.size(); i += 2) {
    requests[i].method = "PATCH";
    requests[i].body = "body of " + std::to_string(i);
  }
  for (int round = 0; round < 2; ++round) {
    const auto answers = send_all(requests);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      ASSERT_TRUE(answers[i]) << answers[i].error().message;
      EXPECT_EQ(answers[i]->body, "/" + std::to_string(i) + requests[i].body);
    }
  }
  EXPECT_LE(server.connections(), 6U);
}

TEST_F(HttpBatch, KeepsToTheNumberOfRequestsAtOnce) {
  std::atomic<int> busy{0};
  std::atomic<int> most{0};
  FaultServer server([&](Exchange& e) {
    const int now = ++busy;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    e.wait(std::chrono::milliseconds{5});
    --busy;
    e.reply(200);
  });
  send_all(requests_to(server, 40), 3);
  EXPECT_LE(most, 3);
  EXPECT_GE(most, 2);
}

TEST_F(HttpBatch, SpeaksHttp1OverTlsToAServerThatKnowsNoOther) {
  const auto identity = testing::make_certificate({});
  FaultServer server([](Exchange& e) { e.reply(200, {}, e.request.target); }, identity);
  auto requests = requests_to(server, 20);
  for (HttpRequest& request : requests) request.tls.ca_pem = identity.certificate_pem;
  for (const auto& answer : send_all(requests)) ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_LE(server.connections(), 6U);
}

TEST_F(HttpBatch, OneFailureLeavesTheOthersAlone) {
  FaultServer server([](Exchange& e) {
    if (e.request.target == "/3") return e.reset();
    if (e.request.target == "/5") return e.cut_off(200, 100, "part");
    e.reply(e.request.target == "/4" ? 404 : 200);
  });
  auto requests = requests_to(server, 10);
  requests[7].url = "ftp://nowhere";
  const auto answers = send_all(requests);
  for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i].has_value(), i != 3 && i != 5 && i != 7) << i;
  EXPECT_EQ(answers[4]->status, 404);
  EXPECT_FALSE(answers[3].error().unsent);
  EXPECT_THAT(answers[5].error().message, HasSubstr("cut its answer off"));
  EXPECT_EQ(answers[7].error().kind, ErrorKind::usage);
}

TEST_F(HttpBatch, TellsAllWhenNobodyIsThere) {
  std::vector<HttpRequest> requests(20);
  for (HttpRequest& request : requests) {
    request.url = "http://127.0.0.1:" + std::to_string(FaultServer::unused_port()) + "/";
  }
  for (const auto& answer : send_all(requests)) {
    ASSERT_FALSE(answer);
    EXPECT_TRUE(answer.error().unsent);
    EXPECT_TRUE(answer.error().transient);
  }
}

TEST_F(HttpBatch, EndsWithAllOfItWhenItIsCancelledOrTheServerIsSilent) {
  Cancellation cancellation;
  FaultServer server([&](Exchange& e) {
    if (e.request.target == "/0") return e.reply(200);
    if (e.request.target == "/9") cancellation.request(15);
    e.wait(std::chrono::seconds{20});
  });
  auto requests = requests_to(server, 10);
  for (HttpRequest& request : requests) request.cancellation = &cancellation;
  requests[1].idle_timeout = std::chrono::milliseconds{50};
  for (std::size_t i = 2; i < 9; ++i) requests[i].idle_timeout = std::chrono::milliseconds{50};
  const auto answers = send_all(requests);
  EXPECT_TRUE(answers[0]);
  EXPECT_THAT(answers[1].error().message, HasSubstr("stopped answering"));
  EXPECT_EQ(answers[9].error().kind, ErrorKind::interrupted);
}

TEST_F(HttpBatch, MayBeUsedFromSeveralThreads) {
  FaultServer server([](Exchange& e) { e.reply(200, {}, e.request.target); });
  const auto requests = requests_to(server, 30);
  parallel_for(4, 8, [&](std::size_t) {
    for (const auto& answer : send_all(requests)) EXPECT_TRUE(answer);
  });
}

TEST_F(HttpBatch, NoRequestsNeedNoServer) {
  EXPECT_TRUE(send_all({}).empty());
}

}  // namespace
}  // namespace liminal
