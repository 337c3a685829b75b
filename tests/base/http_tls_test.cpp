#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http_fixture.hpp"
#include "support/fault_server.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_certificates.hpp"

namespace liminal {
namespace {

using testing::Exchange;
using testing::FaultServer;
using ::testing::HasSubstr;
using testing::TemporaryFolder;

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

}  // namespace
}  // namespace liminal
