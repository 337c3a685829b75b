#include "liminal/base/http.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/thread_pool.hpp"

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

class Http : public ::testing::Test {
 protected:
  Result<HttpResponse> get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    return client->send(request);
  }
  void use(std::map<std::string, std::string> variables) {
    client = make_http_client("liminal-test", Environment(std::move(variables)));
  }

  std::unique_ptr<HttpClient> client = make_http_client("liminal-test", Environment());
};

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

class HttpTls : public Http {
 protected:
  testing::Identity authority = testing::make_certificate({.common_name = "test authority", .authority = true});
  HttpRequest request_to(const FaultServer& server, const std::string& ca) {
    HttpRequest request;
    request.url = server.url();
    request.tls.ca_pem = ca;
    return request;
  }
  static void hello(Exchange& e) { e.reply(200, {}, "hello"); }
};

TEST_F(HttpTls, TrustsTheAuthorityThatTheRequestNames) {
  FaultServer server(hello, testing::make_certificate({}, &authority));
  const auto response = client->send(request_to(server, authority.certificate_pem));
  ASSERT_TRUE(response) << response.error().message << response.error().causes[0];
  EXPECT_EQ(response->body, "hello");
}

TEST_F(HttpTls, TrustsTheFileThatTheEnvironmentNames) {
  const TemporaryFolder folder;
  const auto file = folder.write("ca.pem", authority.certificate_pem);
  use({{"SSL_CERT_FILE", file.string()}});
  FaultServer server(hello, testing::make_certificate({}, &authority));
  const auto response = client->send(request_to(server, ""));
  ASSERT_TRUE(response) << response.error().message;
}

TEST_F(HttpTls, RefusesAnUnknownAuthority) {
  FaultServer server(hello, testing::make_certificate({}, &authority));
  const TemporaryFolder folder;
  const auto other = testing::make_certificate({.common_name = "other", .authority = true});
  use({{"SSL_CERT_FILE", folder.write("ca.pem", other.certificate_pem).string()}});
  const auto response = client->send(request_to(server, ""));
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("none of this machine's certificate authorities signed it"));
  EXPECT_THAT(response.error().advice, HasSubstr("SSL_CERT_FILE"));
  EXPECT_FALSE(response.error().transient);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(HttpTls, RefusesASelfSignedCertificate) {
  FaultServer server(hello, testing::make_certificate({}));
  const TemporaryFolder folder;
  use({{"SSL_CERT_FILE", folder.write("ca.pem", authority.certificate_pem).string()}});
  const auto response = client->send(request_to(server, ""));
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("signed by itself"));
}

TEST_F(HttpTls, SaysThatAnotherAuthorityWasNamed) {
  FaultServer server(hello, testing::make_certificate({}, &authority));
  const auto other = testing::make_certificate({.common_name = "other", .authority = true});
  const auto response = client->send(request_to(server, other.certificate_pem));
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("the certificate authority that was named for it did not sign it"));
  EXPECT_THAT(response.error().advice, HasSubstr("made anew"));
}

TEST_F(HttpTls, RefusesAnExpiredCertificate) {
  FaultServer server(hello,
                     testing::make_certificate({.valid_from_seconds = -7200, .valid_until_seconds = -60}, &authority));
  const auto response = client->send(request_to(server, authority.certificate_pem));
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("it has expired"));
}

TEST_F(HttpTls, RefusesACertificateForAnotherName) {
  FaultServer server(hello, testing::make_certificate({.alternative_names = "DNS:elsewhere.example"}, &authority));
  auto request = request_to(server, authority.certificate_pem);
  auto response = client->send(request);
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("made for another name"));
  request.tls.server_name = "elsewhere.example";
  response = client->send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(server.requests().back().header("Host"), server.host());
}

TEST_F(HttpTls, DoesNotTrustMoreOnAConnectionThatAnUnverifiedRequestOpened) {
  FaultServer server(hello, testing::make_certificate({}));
  auto unverified = request_to(server, "");
  unverified.tls.verify = false;
  ASSERT_TRUE(client->send(unverified));
  EXPECT_FALSE(client->send(request_to(server, authority.certificate_pem)));
}

TEST_F(HttpTls, SaysThatAServerSpeaksNoTls) {
  FaultServer server(hello);
  HttpRequest request;
  request.url = "https://" + server.host();
  request.tls.ca_pem = authority.certificate_pem;
  const auto response = client->send(request);
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("does not speak TLS"));
}

TEST_F(HttpTls, NamesAVariableThatPointsNowhere) {
  use({{"SSL_CERT_FILE", "/nonexistent/ca.pem"}});
  FaultServer server(hello, testing::make_certificate({}, &authority));
  const auto response = client->send(request_to(server, ""));
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().message, HasSubstr("SSL_CERT_FILE names /nonexistent/ca.pem"));
  // Plain HTTP needs no such list.
  FaultServer plain(hello);
  EXPECT_TRUE(get(plain.url()));
}

class HttpProxy : public Http {
 protected:
  FaultServer proxy{[](Exchange& e) { e.reply(200, {}, "from the proxy"); }};
};

TEST_F(HttpProxy, IsTakenFromTheEnvironment) {
  use({{"HTTP_PROXY", "http://user:hunter2@" + proxy.host()}});
  const auto response = get("http://service.example/x");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(proxy.requests().front().target, "http://service.example/x");
  EXPECT_TRUE(proxy.requests().front().headers.get("Proxy-Authorization"));
}

TEST_F(HttpProxy, IsAskedForATunnelForTls) {
  use({{"https_proxy", "http://user:hunter2@" + proxy.host()}});
  const auto response = get("https://service.example/x");
  EXPECT_FALSE(response);
  EXPECT_EQ(proxy.requests().front().method, "CONNECT");
  EXPECT_EQ(proxy.requests().front().target, "service.example:443");
}

TEST_F(HttpProxy, IsNotUsedForLoopbackOrForWhatNoProxyNames) {
  FaultServer server([](Exchange& e) { e.reply(200, {}, "direct"); });
  for (const char* list : {"", "*", "127.0.0.0/8", "127.0.0.1"}) {
    use({{"http_proxy", "http://" + proxy.host()}, {"NO_PROXY", list}});
    const auto response = get(server.url());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "direct");
  }
  for (const char* list : {"example", "other.org, .example", "service.example:80", "*.example"}) {
    use({{"http_proxy", "http://" + proxy.host()}, {"no_proxy", list}});
    HttpRequest request;
    request.url = "http://service.example/";
    request.connect_timeout = 1s;
    const auto response = client->send(request);
    EXPECT_FALSE(response) << list;  // asked for directly, where nobody is
  }
  for (const char* list : {"ample", "service.example:81", "10.0.0.0/8", "notservice.example"}) {
    use({{"http_proxy", "http://" + proxy.host()}, {"no_proxy", list}});
    EXPECT_TRUE(get("http://service.example/")) << list;
  }
}

TEST_F(HttpProxy, NeverShowsItsPassword) {
  const std::string dead = "127.0.0.1:" + std::to_string(FaultServer::unused_port());
  use({{"http_proxy", "http://user:hunter2@" + dead}});
  const auto response = get("http://service.example/");
  ASSERT_FALSE(response);
  std::string all = response.error().message + response.error().advice;
  for (const auto& cause : response.error().causes) all += cause;
  EXPECT_THAT(all, Not(HasSubstr("hunter2")));
  EXPECT_THAT(response.error().message, HasSubstr("the proxy http://" + dead));
}

}  // namespace
}  // namespace liminal
