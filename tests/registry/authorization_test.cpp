#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/sha256.hpp"
#include "liminal/registry/client.hpp"
#include "liminal/registry/credentials.hpp"

#include "registry_world.hpp"

namespace liminal::registry {
namespace {

using ::testing::Contains;
using testing::Exchange;
using testing::FaultServer;
using ::testing::HasSubstr;
using ::testing::Not;

// A registry that wants a token, and the server of tokens.
class RegistryToken : public ::testing::Test {
 protected:
  void serve() {
    tokens = std::make_unique<FaultServer>([this](Exchange& e) {
      if (!password.empty() && e.request.header("Authorization") != "Basic " + base64_encode(password))
        return e.reply(401);
      e.reply(
          200, {},
          token_body.empty() ? R"({"token":"T)" + std::to_string(++handed_out) + R"(","expires_in":300})" : token_body);
    });
    if (realm.empty()) realm = tokens->url("/token");
    server = std::make_unique<FaultServer>([this](Exchange& e) {
      if (e.request.header("Authorization") != "Bearer " + accepted) {
        return e.reply(401, {{"WWW-Authenticate", "Bearer realm=\"" + realm + "\",service=\"the registry\""}});
      }
      e.reply(200, {{"Docker-Content-Digest", "sha256:" + sha256_hex("x")}});
    });
    repository = {server->host(), "team/app"};
  }
  auto find(Options options = {}) {
    if (!client) client.emplace(outside.world, std::move(options));
    return client->find_manifest(repository, "latest");
  }

  testing::RegistryWorld outside;
  std::string password;
  std::string token_body;
  std::string realm;
  std::string accepted = "T1";
  std::atomic<int> handed_out{0};
  std::unique_ptr<FaultServer> tokens;
  std::unique_ptr<FaultServer> server;
  std::optional<Client> client;
  Repository repository;
};

TEST_F(RegistryToken, IsAskedForOnceAndKept) {
  serve();
  ASSERT_TRUE(find());
  ASSERT_TRUE(find());
  EXPECT_EQ(tokens->requests().size(), 1U);
  EXPECT_EQ(tokens->requests().front().target, "/token?service=the%20registry&scope=repository:team/app:pull");
  EXPECT_EQ(tokens->requests().front().header("Authorization"), "");
}

TEST_F(RegistryToken, IsGotWithTheLogin) {
  password = "alice:secret";
  serve();
  outside.log_in(server->host(), "alice", "secret");
  EXPECT_TRUE(find());
}

TEST_F(RegistryToken, IsRenewedWhenTheRegistryRefusesItInTheMiddle) {
  serve();
  ASSERT_TRUE(find());
  accepted = "T2";
  ASSERT_TRUE(find());
  EXPECT_EQ(handed_out, 2);
}

TEST_F(RegistryToken, IsRenewedBeforeItEnds) {
  serve();
  ASSERT_TRUE(find());
  outside.parts.clock.sleep_for(std::chrono::seconds{280});
  accepted = "T2";
  const auto before = server->requests().size();
  ASSERT_TRUE(find());
  EXPECT_EQ(server->requests().size(), before + 1) << "the old token was not tried first";
}

TEST_F(RegistryToken, IsReadAsAccessTokenToo) {
  token_body = R"({"access_token":"T1"})";
  serve();
  EXPECT_TRUE(find());
}

TEST_F(RegistryToken, ThatIsRefusedEndsAfterOneRenewal) {
  accepted = "never";
  serve();
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::unavailable);
  EXPECT_LE(handed_out, 2);
}

TEST_F(RegistryToken, ServerThatSaysNonsenseIsToldOf) {
  for (const char* body : {"[]", "{}", "{\"token\":7}", "not json", R"({"token":""})"}) {
    token_body = body;
    client.reset();
    realm.clear();
    serve();
    const auto found = find();
    ASSERT_FALSE(found) << body;
    EXPECT_THAT(found.error().causes, Contains(HasSubstr("without a token"))) << body;
  }
}

TEST_F(RegistryToken, ServerThatRefusesTheLoginIsToldOfWithoutThePassword) {
  password = "alice:right";
  serve();
  outside.log_in(server->host(), "alice", "wrong-secret");
  const auto found = find();
  ASSERT_FALSE(found);
  std::string all = found.error().message + found.error().advice;
  for (const auto& cause : found.error().causes) all += "\n" + cause;
  EXPECT_THAT(all, HasSubstr("does not accept the login of alice"));
  EXPECT_THAT(all, HasSubstr("docker login"));
  EXPECT_THAT(all, Not(HasSubstr("wrong-secret")));
}

TEST_F(RegistryToken, ServerElsewhereGetsNoPassword) {
  realm = "http://auth.example.org/token";
  serve();
  outside.log_in(server->host(), "alice", "secret");
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().causes, Contains(HasSubstr("wants the password of alice to be sent to auth.example.org")));
}

TEST_F(RegistryToken, ServerMayNotBeAMetadataServer) {
  realm = "http://169.254.169.254/token";
  serve();
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().causes, Contains(HasSubstr("an address that no registry should name")));
}

TEST_F(RegistryToken, IsGotForAnIdentityToken) {
  serve();
  outside.folder.write("docker/config.json",
                       R"({"auths":{")" + server->host() + R"(":{"identitytoken":"long&lived"}}})");
  ASSERT_TRUE(find());
  const auto asked = tokens->requests().back();
  EXPECT_EQ(asked.method, "POST");
  EXPECT_THAT(asked.body, HasSubstr("grant_type=refresh_token"));
  EXPECT_THAT(asked.body, HasSubstr("refresh_token=long%26lived"));
}

// docker-credential-X, as the store sees it.
class Helper final : public ProcessRunner {
 public:
  Result<ProcessOutcome> run(const ProcessRequest& request) override {
    asked.push_back(request.arguments.front() + " " + request.input);
    request.on_output(output);
    return ProcessOutcome{exit_status, false, false};
  }
  [[nodiscard]] std::optional<std::string> find(const std::string&) const override { return std::nullopt; }

  std::string output = R"({"ServerURL":"x","Username":"alice","Secret":"s"})";
  int exit_status = 0;
  std::vector<std::string> asked;
};

class RegistryCredentials : public ::testing::Test {
 protected:
  auto find(const std::string& config, const std::string& host) {
    outside.folder.write("docker/config.json", config);
    const World world{outside.parts.files,
                      helper,
                      *outside.http,
                      outside.parts.clock,
                      outside.parts.environment,
                      outside.parts.progress,
                      outside.parts.cancellation,
                      1};
    return CredentialStore(world).find(host);
  }
  testing::RegistryWorld outside;
  Helper helper;
};

TEST_F(RegistryCredentials, OfAHelperForTheHostComeBeforeTheStoreAndTheLogins) {
  const auto found =
      find(R"({"credHelpers":{"r.example":"ecr-login"},"credsStore":"pass","auths":{"r.example":{"auth":"YTpi"}}})",
           "r.example");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->username, "alice");
  EXPECT_THAT((*found)->source, HasSubstr("credHelpers: ecr-login"));
  EXPECT_THAT(helper.asked, ::testing::ElementsAre("docker-credential-ecr-login r.example"));
}

TEST_F(RegistryCredentials, OfDockerHubHaveAKeyOfTheirOwn) {
  const std::string config = R"({"auths":{"https://index.docker.io/v1/":{"auth":"YWxpY2U6cGFzczp3b3Jk"}}})";
  for (const char* host : {"", "docker.io", "index.docker.io"}) {
    const auto found = find(config, host);
    ASSERT_TRUE(found && *found) << host;
    EXPECT_EQ((*found)->password, "pass:word");
  }
  EXPECT_FALSE(*find(config, "r.example"));
}

TEST_F(RegistryCredentials, AreFoundUnderAKeyWithASchemeAndAPath) {
  EXPECT_TRUE(*find(R"({"auths":{"https://r.example/v1/":{"auth":"YTpi"}}})", "r.example"));
}

TEST_F(RegistryCredentials, OfAHelperMayBeAnIdentityTokenOrNone) {
  helper.output = R"({"Username":"<token>","Secret":"long"})";
  EXPECT_EQ((*find(R"({"credsStore":"x"})", "r.example"))->identity_token, "long");
  helper.output = "credentials not found in native keychain";
  helper.exit_status = 1;
  EXPECT_FALSE(*find(R"({"credsStore":"x"})", "r.example"));
  helper.output = "secret things";
  const auto failed = find(R"({"credsStore":"x"})", "r.example");
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, Not(HasSubstr("secret things")));
}

TEST_F(RegistryCredentials, AreAskedOfNoProgramByAPath) {
  for (const char* helper_name : {"../../tmp/x", "a b", "/bin/sh", "x;y"}) {
    const auto found = find(std::string(R"({"credsStore":")") + helper_name + "\"}", "r.example");
    ASSERT_FALSE(found) << helper_name;
    EXPECT_EQ(found.error().kind, ErrorKind::usage);
  }
  EXPECT_TRUE(helper.asked.empty());
}

TEST_F(RegistryCredentials, AreNotReadFromTheCheckoutUnlessNamed) {
  const testing::TemporaryFolder checkout;
  checkout.write(".git/HEAD", "ref: refs/heads/main");
  checkout.write(".docker/config.json", R"({"credsStore":"evil"})");
  testing::TestWorld parts(std::map<std::string, std::string>{{"HOME", checkout.path().string()}});
  const World world{parts.files,       helper,         parts.http,         parts.clock,
                    parts.environment, parts.progress, parts.cancellation, 1};
  const auto refused = CredentialStore(world, checkout.path()).find("r.example");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("lies inside the repository and is not used"));
  EXPECT_TRUE(helper.asked.empty());

  testing::TestWorld named(
      std::map<std::string, std::string>{{"DOCKER_CONFIG", (checkout.path() / ".docker").string()}});
  const World other{named.files,       helper,         named.http,         named.clock,
                    named.environment, named.progress, named.cancellation, 1};
  EXPECT_TRUE(CredentialStore(other, checkout.path()).find("r.example"));
}

TEST_F(RegistryCredentials, InAFileThatIsNoJsonAreAnError) {
  EXPECT_FALSE(find("not json", "r.example"));
  EXPECT_FALSE(*find(R"({"auths":[],"credHelpers":7,"credsStore":{}})", "r.example"));
  EXPECT_FALSE(*find(R"({"auths":{"r.example":{"auth":"%%%"}}})", "r.example"));
}

}  // namespace
}  // namespace liminal::registry
