#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/json.hpp"
#include "liminal/base/thread_pool.hpp"

#include "kubeconfig_world.hpp"

namespace liminal::kube {
namespace {

using ::testing::HasSubstr;
using testing::KubeconfigWorld;
using ::testing::Not;

constexpr std::string_view canary = "canary-of-a-plugin-77";

class ExecPluginTest : public ::testing::Test {
 protected:
  // Connects by a plug-in that is this script.
  std::shared_ptr<Credentials> plugin(const std::string& script, const std::string& more = "") {
    static_cast<void>(outside.script("bin/login", script));
    auto connection = outside.connect(
        "{server: \"https://h\", tls-server-name: kube, extensions: [{name: client.authentication.k8s.io/exec, "
        "extension: {audience: [a, 1]}}]}",
        "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, interactiveMode: Never" + more +
            "}}");
    EXPECT_TRUE(connection) << connection.error().message;
    return connection ? connection->credentials : nullptr;
  }
  static std::string answer(const std::string& status) {
    return R"(echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{)" + status +
           "}}'\n";
  }
  // Each run leaves a line.
  std::string count() const { return "echo run >> " + (outside.folder.path() / "runs").string() + "\n"; }
  std::size_t runs() {
    const auto text = outside.parts.files.read(outside.folder.path() / "runs", 1U << 20U).value_or("");
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  void expect_useless(const std::string& script, const std::string& why, ErrorKind kind = ErrorKind::unavailable) {
    const auto proof = plugin(script)->prove(outside.world);
    ASSERT_FALSE(proof) << script;
    EXPECT_EQ(proof.error().kind, kind);
    EXPECT_THAT(proof.error().message, HasSubstr(why));
    EXPECT_FALSE(proof.error().advice.empty());
    for (const std::string& text : {proof.error().message, proof.error().advice}) {
      EXPECT_THAT(text, Not(HasSubstr("canary")));
    }
    EXPECT_TRUE(proof.error().causes.empty());
    EXPECT_TRUE(proof.error().excerpt.empty());
  }

  KubeconfigWorld outside{testing::Variables{{"FROM_OUTSIDE", "kept"}}};
};

TEST_F(ExecPluginTest, GivesATokenAndIsAskedOnce) {
  const auto credentials = plugin(count() + answer(R"("token":"t1")"));
  parallel_for(4, 8, [&](std::size_t) { EXPECT_EQ(credentials->prove(outside.world)->authorization, "Bearer t1"); });
  EXPECT_EQ(runs(), 1U);
  EXPECT_TRUE(credentials->forget());
  EXPECT_FALSE(credentials->forget());
  EXPECT_TRUE(credentials->prove(outside.world));
  EXPECT_EQ(runs(), 2U);
}

TEST_F(ExecPluginTest, IsAskedAgainWhenItsAnswerHasExpired) {
  const auto credentials =
      plugin(count() + answer(R"("token":"t","expirationTimestamp":"2026-01-15T14:30:00.5+02:00")"));
  EXPECT_TRUE(credentials->prove(outside.world));
  outside.parts.clock.sleep_for(std::chrono::minutes{29});
  EXPECT_TRUE(credentials->prove(outside.world));
  EXPECT_EQ(runs(), 1U);
  outside.parts.clock.sleep_for(std::chrono::minutes{2});
  EXPECT_TRUE(credentials->prove(outside.world));
  EXPECT_EQ(runs(), 2U);
}

TEST_F(ExecPluginTest, GivesACertificate) {
  const auto proof = plugin(answer(R"("clientCertificateData":"CERT","clientKeyData":"KEY")"))->prove(outside.world);
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_EQ(proof->authorization, "");
  EXPECT_EQ(proof->certificate_pem, "CERT");
  EXPECT_EQ(proof->key_pem, "KEY");
}

TEST_F(ExecPluginTest, IsToldOfTheClusterItsArgumentsAndItsVariables) {
  const std::string seen = (outside.folder.path() / "seen").string();
  const auto credentials =
      plugin("echo \"$KUBERNETES_EXEC_INFO\" > " + seen + "\necho \"$1|$2|$FROM_OUTSIDE|$OF_FILE\" >> " + seen + "\n" +
                 answer(R"("token":"t")"),
             ", provideClusterInfo: true, args: [get, \"a b\"], env: [{name: OF_FILE, value: \"$x;y\"}]");
  ASSERT_TRUE(credentials->prove(outside.world));
  const std::string text = outside.parts.files.read(seen, 1U << 20U).value();
  const Json info = Json::parse(text.substr(0, text.find('\n')));
  EXPECT_EQ(info["kind"], "ExecCredential");
  EXPECT_EQ(info["spec"]["interactive"], false);
  EXPECT_EQ(info["spec"]["cluster"]["server"], "https://h");
  EXPECT_EQ(info["spec"]["cluster"]["tls-server-name"], "kube");
  EXPECT_EQ(info["spec"]["cluster"]["config"], Json::parse(R"({"audience":["a",1]})"));
  EXPECT_EQ(text.substr(text.find('\n') + 1), "get|a b|kept|$x;y\n");
}

TEST_F(ExecPluginTest, IsNotToldOfTheClusterUnasked) {
  const std::string seen = (outside.folder.path() / "seen").string();
  ASSERT_TRUE(
      plugin("echo \"$KUBERNETES_EXEC_INFO\" > " + seen + "\n" + answer(R"("token":"t")"))->prove(outside.world));
  EXPECT_FALSE(Json::parse(outside.parts.files.read(seen, 1U << 20U).value())["spec"].contains("cluster"));
}

TEST_F(ExecPluginTest, WhatItSaysIsNeverRepeated) {
  const std::string secret(canary);
  expect_useless("echo " + secret + "; echo " + secret + " >&2; exit 3\n", "ended with status 3");
  expect_useless("echo " + secret + "\n", "did not answer with an ExecCredential");
  expect_useless("true\n", "did not answer with an ExecCredential");
  expect_useless(answer(R"("tokn":")" + secret + "\""), "neither a token nor a certificate");
  expect_useless(answer(R"("clientCertificateData":")" + secret + "\""), "of which one is missing");
  expect_useless(answer(R"("token":")" + secret + R"(\\nx")"), "something that is no token");
  expect_useless(answer(R"("token":")" + secret + R"(","expirationTimestamp":"soon")"), "no time");
  expect_useless(
      "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"kind\":\"ExecCredential\",\"status\":{"
      "\"token\":\"" +
          secret + "\"}}'\n",
      "another version");
  expect_useless(R"(echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"}')",
                 "without a status");
  expect_useless("head -c 3000000 /dev/zero | tr '\\0' 'x'; echo " + secret + "\n", "did not answer");
}

TEST_F(ExecPluginTest, AMissingProgramIsNamedWithTheHintToInstallIt) {
  const auto connection = outside.connect("{server: https://h}",
                                          "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: "
                                          "no-such-login, installHint: \"see the wiki\"}}");
  ASSERT_TRUE(connection) << connection.error().message;
  const auto proof = connection->credentials->prove(outside.world);
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(proof.error().message, HasSubstr("no-such-login"));
  EXPECT_EQ(proof.error().advice, "install it: see the wiki");
}

TEST_F(ExecPluginTest, OneThatWantsAPersonIsRefused) {
  const auto connection =
      outside.connect("{server: https://h}",
                      "{exec: {apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Always}}");
  ASSERT_TRUE(connection) << connection.error().message;
  const auto proof = connection->credentials->prove(outside.world);
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().kind, ErrorKind::usage);
  EXPECT_THAT(proof.error().message, HasSubstr("interactiveMode: Always"));
}

}  // namespace
}  // namespace liminal::kube
