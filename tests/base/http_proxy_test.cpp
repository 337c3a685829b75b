#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http_fixture.hpp"
#include "support/fault_server.hpp"

namespace liminal {
namespace {

using namespace std::chrono_literals;
using testing::Exchange;
using testing::FaultServer;
using ::testing::HasSubstr;
using ::testing::Not;

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
