#include "liminal/docker/endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/sha256.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::docker {
namespace {

using ::testing::HasSubstr;

Result<std::vector<Endpoint>> find(std::map<std::string, std::string> variables) {
  testing::TestWorld parts(std::move(variables));
  return find_endpoints(parts.world());
}

TEST(DockerEndpoint, OfDockerHostIsTheOnlyOne) {
  const auto found = find({{"DOCKER_HOST", "unix:///a/b.sock"}});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().unix_socket, "/a/b.sock");
}

TEST(DockerEndpoint, TakesTcpWithAndWithoutTls) {
  EXPECT_EQ(find({{"DOCKER_HOST", "tcp://h:1"}})->front().base_url, "http://h:1");
  EXPECT_EQ(find({{"DOCKER_HOST", "tcp://h"}})->front().base_url, "http://h:2375");
  const testing::TemporaryFolder folder;
  folder.write("ca.pem", "CA");
  folder.write("cert.pem", "CERT");
  folder.write("key.pem", "KEY");
  const auto found =
      find({{"DOCKER_HOST", "tcp://h"}, {"DOCKER_TLS_VERIFY", "1"}, {"DOCKER_CERT_PATH", folder.path().string()}});
  EXPECT_EQ(found->front().base_url, "https://h:2376");
  EXPECT_EQ(found->front().tls.ca_pem, "CA");
  EXPECT_EQ(found->front().tls.key_pem, "KEY");
  EXPECT_TRUE(found->front().tls.verify);
}

TEST(DockerEndpoint, RefusesWhatItCannotReach) {
  for (const char* address : {"ssh://host", "npipe:////./pipe/docker", "unix://relative", "tcp://", "tcp://a b"}) {
    const auto found = find({{"DOCKER_HOST", address}});
    ASSERT_FALSE(found) << address;
    EXPECT_EQ(found.error().kind, ErrorKind::usage);
  }
}

TEST(DockerEndpoint, OfTheCurrentContextComesBeforeTheUsualSockets) {
  const testing::TemporaryFolder home;
  const std::string id = sha256_hex("remote");
  home.write(".docker/config.json", R"({"currentContext":"remote"})");
  home.write(".docker/contexts/meta/" + id + "/meta.json",
             R"({"Name":"remote","Endpoints":{"docker":{"Host":"tcp://h:2376"}}})");
  home.write(".docker/contexts/tls/" + id + "/docker/ca.pem", "CA");
  const std::string path = home.path().string();
  const auto found = find({{"HOME", path}});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().base_url, "https://h:2376");
  EXPECT_EQ(found->front().tls.ca_pem, "CA");
  EXPECT_EQ(find({{"HOME", path}, {"DOCKER_CONTEXT", "default"}})->front().unix_socket, "/var/run/docker.sock");
  EXPECT_THAT(find({{"HOME", path}, {"DOCKER_CONTEXT", "other"}}).error().message, HasSubstr("other is not there"));
}

TEST(DockerEndpoint, OrElseTheUsualSockets) {
  const auto found = find({{"XDG_RUNTIME_DIR", "/run/user/1"}, {"HOME", "/nonexistent"}});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3U);
  EXPECT_EQ((*found)[0].unix_socket, "/var/run/docker.sock");
  EXPECT_EQ((*found)[1].unix_socket, "/run/user/1/docker.sock");
}

}  // namespace
}  // namespace liminal::docker
