// Variables of the environment that no placeholder takes.
#include "../../src/config/secret_name.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace liminal::config {
namespace {

TEST(SecretName, TellsByTheName) {
  for (const char* name : {"CI_JOB_TOKEN",
                           "AWS_SECRET_ACCESS_KEY",
                           "DB_PASS",
                           "MYSQL_PWD",
                           "SLACK_WEBHOOK",
                           "SLACK_WEBHOOK_URL",
                           "AZURE_STORAGE_CONNECTION_STRING",
                           "CONNECTION_STRING",
                           "SENTRY_DSN",
                           "DSN",
                           "BEARER",
                           "OAUTH",
                           "PRIVATE_PEM",
                           "TLS_PEM",
                           "SA_JSON",
                           "GCP_SA",
                           "KUBECONFIG_DATA",
                           "NETRC",
                           "PGPASS",
                           "PGPASSWORD",
                           "MY_PW",
                           "DOCKER_PSW",
                           "API_KEYS",
                           "mysql_pwd",
                           "DBPASS",
                           "MYSQLPASS",
                           "dbpwd",
                           "SSHKEY",
                           "AWS_ACCESSKEY",
                           "PRIVKEY",
                           "AUTHORIZATION",
                           "TOKENIZER_SECRET",
                           "MAX_TOKENS_TOKEN",
                           "ADMIN_TOKENS",
                           "AZURE_PRIMARY_KEY",
                           "SESSION_CACHE_KEY",
                           "MYTOKENIZER_TOKEN",
                           "TOKENS"})
    EXPECT_TRUE(looks_like_a_secret(name, "x")) << name;
}

TEST(SecretName, TellsByTheValue) {
  // Put together here, so that no scanner of repositories takes them for real ones.
  const std::string digits = "0123456789abcdefghij";
  const std::string upper = "ABCDEFGHIJ234567";
  const std::vector<std::string> values = {"https://me:x@h/p",
                                           "https://a https://me:x@h",
                                           "https://" + digits + "@o1.ingest.sentry.io/1",
                                           "https://ghp_" + digits + "@github.com/x",
                                           "ghp_" + digits,
                                           "github_pat_" + digits,
                                           "glpat-" + digits,
                                           "xoxb-" + digits,
                                           "Bearer ghs_" + digits,
                                           "AKIA" + upper,
                                           "[default] id=AKIA" + upper,
                                           std::string("-----BEGIN RSA PRIVATE") + " KEY-----\nMII",
                                           std::string("-----BEGIN PRIVATE") + " KEY-----",
                                           "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc==",
                                           "Server=db;User=me;Password=x",
                                           "host=h password=x",
                                           "https://gitlab.com/api?private_token=x",
                                           "https://h/x?token=abcdef",
                                           "https://h/x?a=1&sig=abcdef",
                                           "sk-proj-" + digits + digits,
                                           "AIza" + digits + upper,
                                           "Bearer " + digits,
                                           "Basic dXNlcjpwYXNzd29yZA==",
                                           "https://hooks.slack.com/services/T0/B0/x",
                                           "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"};
  for (const std::string& value : values) EXPECT_TRUE(looks_like_a_secret("THING", value)) << value;
}

TEST(SecretName, LeavesHarmlessOnes) {
  for (const auto& [name, value] : {std::pair{"PATH", "/usr/local/bin:/usr/bin"},
                                    {"HOME", "/home/ada"},
                                    {"PWD", "/home/ada/wine"},
                                    {"OLDPWD", "/home/ada"},
                                    {"USER", "ada"},
                                    {"LANG", "de_DE.UTF-8"},
                                    {"CI_COMMIT_SHA", "8cd3b3f0a1b2c3d4e5f60718293a4b5c6d7e8f90"},
                                    {"CI_COMMIT_MESSAGE", "Ask for password twice, see AKIA and ghp_x"},
                                    {"CI_REPOSITORY", "https://gitlab.com/ada/wine.git"},
                                    {"BUILD_REPOSITORY_URI", "https://shop@dev.azure.com/shop/wine"},
                                    {"MIRROR", "ssh://git@github.com/ada/wine"},
                                    {"GIT_AUTHOR_NAME", "Ada"},
                                    {"GIT_AUTHOR_EMAIL", "ada@example.com"},
                                    {"MONKEY", "ape"},
                                    {"KUBECONFIG", "/home/ada/.kube/config"},
                                    {"PGPASSFILE", "/home/ada/.pgpass"},
                                    {"PLACE", "USA"},
                                    {"MAX_TOKENS", "512"},
                                    {"LLM_MAX_NEW_TOKENS", "512"},
                                    {"TOKENIZER_NAME", "bert"},
                                    {"TOKENIZERS_PARALLELISM", "true"},
                                    {"PRIMARY_KEY", "id"},
                                    {"KEY_COUNT", "2"},
                                    {"COMPASS", "north"},
                                    {"MODE", "Basic mode"},
                                    {"MODEL", "sk-learn"},
                                    {"SAMPLE", "eyJ"},
                                    {"HOMEPAGE", "https://h/a:b@c"}})
    EXPECT_FALSE(looks_like_a_secret(name, value)) << name;
}

}  // namespace
}  // namespace liminal::config
