#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/thread_pool.hpp"

#include "http_fixture.hpp"
#include "support/fault_server.hpp"
#include "support/temporary_folder.hpp"

namespace liminal {
namespace {

using namespace std::chrono_literals;
using testing::Exchange;
using testing::FaultServer;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TemporaryFolder;

HttpBodySource source_of(const std::string& text, bool known_size, std::size_t& offset) {
  HttpBodySource source;
  if (known_size) source.size = text.size();
  source.read = [&text, &offset](char* buffer, std::size_t capacity) -> Result<std::size_t> {
    const std::size_t count = text.copy(buffer, std::min<std::size_t>(capacity, 1000), offset);
    offset += count;
    return count;
  };
  source.rewind = [&offset]() -> Status {
    offset = 0;
    return {};
  };
  return source;
}

TEST_F(Http, GivesStatusHeadersAndBody) {
  FaultServer server([](Exchange& e) { e.reply(404, {{"X-One", "1"}, {"x-one", " 2 "}}, "no such thing"); });
  const auto response = get(server.url("/a?b=c"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->headers.get("X-ONE"), "1");
  EXPECT_THAT(response->headers.all("x-one"), ::testing::ElementsAre("1", "2"));
  EXPECT_EQ(response->body, "no such thing");
  EXPECT_EQ(server.requests().front().target, "/a?b=c");
  EXPECT_EQ(server.requests().front().header("User-Agent"), "liminal-test");
}

TEST_F(Http, SendsEveryMethodWithAndWithoutABody) {
  FaultServer server([](Exchange& e) { e.reply(200); });
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}) {
    for (const char* body : {"", "{\"a\":1}"}) {
      if (std::string(method) == "HEAD" && *body != '\0') continue;
      HttpRequest request;
      request.method = method;
      request.url = server.url("/x");
      request.body = body;
      const auto response = client->send(request);
      ASSERT_TRUE(response) << method << response.error().message;
      EXPECT_EQ(response->status, 200);
      const auto seen = server.requests().back();
      EXPECT_EQ(seen.method, method);
      EXPECT_EQ(seen.body, body);
      EXPECT_FALSE(seen.headers.get("Expect"));
      EXPECT_FALSE(seen.headers.get("Content-Type"));
      EXPECT_FALSE(seen.headers.get("Transfer-Encoding")) << method;
    }
  }
}

TEST_F(Http, StreamsABodyOfKnownSizeWithContentLengthAndOfUnknownSizeInChunks) {
  FaultServer server([](Exchange& e) { e.reply(201); });
  const std::string text(300'000, 'q');
  for (const bool known : {true, false}) {
    std::size_t offset = 0;
    HttpRequest request;
    request.method = "PUT";
    request.url = server.url();
    request.body_source = source_of(text, known, offset);
    ASSERT_TRUE(client->send(request));
    const auto seen = server.requests().back();
    EXPECT_EQ(seen.body, text);
    EXPECT_EQ(seen.headers.get("Content-Length").has_value(), known);
  }
}

TEST_F(Http, PassesOnWhatABodySourceOrSinkFailsWith) {
  FaultServer server([](Exchange& e) { e.reply(200, {}, "body"); });
  HttpRequest upload;
  upload.method = "PUT";
  upload.url = server.url();
  upload.body_source = HttpBodySource{
      10, [](char*, std::size_t) -> Result<std::size_t> { return fail(ErrorKind::failed, "the disk is gone"); }, {}};
  auto response = client->send(upload);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, "the disk is gone");

  HttpRequest download;
  download.url = server.url();
  download.on_body = [](std::string_view) -> Status { return fail(ErrorKind::failed, "the disk is full"); };
  response = client->send(download);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, "the disk is full");
}

TEST_F(Http, StreamsTheBodyOfASuccessButKeepsThatOfAnError) {
  int status = 200;
  FaultServer server([&](Exchange& e) { e.reply(status, {}, "text"); });
  std::string streamed;
  HttpRequest request;
  request.url = server.url();
  request.on_body = [&](std::string_view piece) -> Status {
    streamed += piece;
    return {};
  };
  auto response = client->send(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(streamed, "text");
  EXPECT_EQ(response->body, "");
  status = 500;
  response = client->send(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(streamed, "text");
  EXPECT_EQ(response->body, "text");
}

TEST_F(Http, UsesOneConnectionForRequestsThatFollowEachOther) {
  FaultServer server([](Exchange& e) { e.reply(200, {}, "x"); });
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(get(server.url()));
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(Http, MayBeUsedFromSeveralThreads) {
  FaultServer server([](Exchange& e) { e.reply(200, {}, e.request.target); });
  std::atomic<int> right{0};
  parallel_for(8, 200, [&](std::size_t i) {
    const std::string path = "/" + std::to_string(i);
    const auto response = get(server.url(path));
    if (response && response->body == path) ++right;
  });
  EXPECT_EQ(right, 200);
  EXPECT_LE(server.connections(), 8U);
}

TEST_F(Http, OpensANewConnectionWhenTheKeptOneIsGone) {
  FaultServer server([](Exchange& e) {
    e.reply(200, {}, "x");
    e.close();
  });
  for (int i = 0; i < 3; ++i) {
    const auto response = get(server.url());
    ASSERT_TRUE(response) << response.error().message;
  }
}

TEST_F(Http, TalksOverAUnixSocket) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "engine.sock").string();
  FaultServer server([](Exchange& e) { e.reply(200, {}, e.request.header("Host")); }, path);
  HttpRequest request;
  request.url = "http://docker/_ping";
  request.unix_socket = path;
  const auto response = client->send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "docker");
}

TEST_F(Http, SaysWhenThereIsNoSocket) {
  HttpRequest request;
  request.url = "http://docker/_ping";
  request.unix_socket = "/nonexistent/engine.sock";
  const auto response = client->send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(response.error().message, "there is no socket at /nonexistent/engine.sock");
}

TEST_F(Http, FollowsNoRedirect) {
  FaultServer server([](Exchange& e) { e.reply(307, {{"Location", "http://example.com/"}}); });
  const auto response = get(server.url());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 307);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(Http, TellsARefusedConnection) {
  const std::string host = "127.0.0.1:" + std::to_string(FaultServer::unused_port());
  const auto response = get("http://" + host + "/");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(response.error().message, host + " refuses the connection");
  EXPECT_FALSE(response.error().advice.empty());
  EXPECT_TRUE(response.error().transient);
}

TEST_F(Http, TellsAnUnknownName) {
  const auto response = get("http://no-such-host.invalid/");
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("no address is known for no-such-host.invalid"));
}

TEST_F(Http, TellsAConnectionClosedWithoutAnAnswer) {
  FaultServer server([](Exchange& e) { e.close(); });
  const auto response = get(server.url());
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("closed the connection without an answer"));
  EXPECT_TRUE(response.error().transient);
}

TEST_F(Http, TellsAReset) {
  FaultServer server([](Exchange& e) { e.reset(); });
  const auto response = get(server.url());
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("reset the connection"));
  EXPECT_TRUE(response.error().transient);
}

TEST_F(Http, TellsABodyThatWasCutOff) {
  FaultServer server([](Exchange& e) { e.cut_off(200, 1000, "only this"); });
  const auto response = get(server.url());
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("cut its answer off after 9 bytes"));
  EXPECT_TRUE(response.error().transient);
}

TEST_F(Http, TellsAChunkedBodyThatWasCutOff) {
  FaultServer server([](Exchange& e) {
    e.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    e.close();
  });
  const auto response = get(server.url());
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("cut its answer off"));
}

TEST_F(Http, TellsWhatIsNotHttp) {
  FaultServer server([](Exchange& e) {
    e.send("SSH-2.0-OpenSSH_9.2\r\n");
    e.close();
  });
  const auto response = get(server.url());
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("is not HTTP"));
  EXPECT_FALSE(response.error().transient);
}

TEST_F(Http, StopsAnEndlessBodyAtItsLimit) {
  FaultServer server([](Exchange& e) { e.endless(); });
  HttpRequest request;
  request.url = server.url();
  request.body_limit = 1'000'000;
  const auto response = client->send(request);
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("more than the 1000000 bytes"));
}

TEST_F(Http, StopsEndlessHeaders) {
  FaultServer server([](Exchange& e) {
    e.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 5000; ++i) e.send("X-" + std::to_string(i) + ": y\r\n");
    e.send("Content-Length: 0\r\n\r\n");
  });
  const auto response = get(server.url());
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("more headers"));
}

TEST_F(Http, GivesUpOnASilentServer) {
  FaultServer server([](Exchange& e) { e.wait(10s); });
  HttpRequest request;
  request.url = server.url();
  request.idle_timeout = 200ms;
  const auto start = std::chrono::steady_clock::now();
  const auto response = client->send(request);
  ASSERT_FALSE(response);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
  EXPECT_THAT(response.error().message, HasSubstr("stopped answering"));
  EXPECT_TRUE(response.error().transient);
}

TEST_F(Http, WaitsForASlowServerThatKeepsSending) {
  FaultServer server([](Exchange& e) {
    e.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    for (const char* letter : {"h", "e", "l", "l", "o"}) {
      e.send(letter);
      e.wait(150ms);
    }
  });
  HttpRequest request;
  request.url = server.url();
  request.idle_timeout = 500ms;
  const auto response = client->send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "hello");
}

TEST_F(Http, StopsSoonWhenCancelled) {
  FaultServer server([](Exchange& e) { e.wait(10s); });
  Cancellation cancellation;
  std::thread stopper([&] {
    std::this_thread::sleep_for(100ms);
    cancellation.request(2);
  });
  HttpRequest request;
  request.url = server.url();
  request.cancellation = &cancellation;
  const auto start = std::chrono::steady_clock::now();
  const auto response = client->send(request);
  stopper.join();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::interrupted);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
}

TEST_F(Http, TakesTheAnswerOfAServerThatRefusesAnUploadEarly) {
  FaultServer server([](Exchange& e) {
    e.read_some(1000);
    e.reply_early(413, {}, "too large");
    e.wait(200ms);
  });
  const std::string text(8'000'000, 'q');
  std::size_t offset = 0;
  HttpRequest request;
  request.method = "PUT";
  request.url = server.url();
  request.body_source = source_of(text, true, offset);
  const auto response = client->send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 413);
}

TEST_F(Http, RefusesHeadersThatWouldBeTwo) {
  HttpRequest request;
  request.url = "http://127.0.0.1:1/";
  request.headers.add("X-A", "b\r\nX-Evil: 1");
  const auto response = client->send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace liminal
