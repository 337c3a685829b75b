#include "liminal/docker/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/base64.hpp"
#include "liminal/base/json.hpp"

#include "support/fault_server.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::docker {
namespace {

using ::testing::ElementsAre;
using testing::Exchange;
using testing::FaultServer;
using ::testing::HasSubstr;
using testing::TemporaryFolder;

constexpr const char* version_body =
    R"({"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12","Os":"linux","Arch":"amd64"})";

// An engine on a socket of its own whose answers the test gives; /version is answered for it.
class DockerClient : public ::testing::Test {
 protected:
  Result<Client> connect(testing::Handler handler) {
    const std::string path = (folder.path() / "docker.sock").string();
    server.reset();
    server = std::make_unique<FaultServer>(
        [handler = std::move(handler)](Exchange& e) {
          if (e.request.target == "/version") return e.reply(200, {}, version_body);
          handler(e);
        },
        path);
    return Client::connect(world, Endpoint{"the test's engine", path, "http://docker", {}});
  }
  static HttpBodySource text_source(std::string text) {
    HttpBodySource source;
    auto offset = std::make_shared<std::size_t>(0);
    source.read = [text = std::move(text), offset](char* buffer, std::size_t capacity) -> Result<std::size_t> {
      const std::size_t count = text.copy(buffer, capacity, *offset);
      *offset += count;
      return count;
    };
    return source;
  }

  TemporaryFolder folder;
  testing::TestWorld parts;
  std::unique_ptr<HttpClient> http = make_http_client("liminal-test", Environment());
  World world{parts.files,    parts.processes,    *http, parts.clock, parts.environment,
              parts.progress, parts.cancellation, 1};
  std::unique_ptr<FaultServer> server;
};

TEST_F(DockerClient, SpeaksTheNewestVersionThatBothSidesKnow) {
  auto client = connect([](Exchange& e) { e.reply(404, {}, R"({"message":"No such image"})"); });
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_EQ(client->engine().version, "20.10.24");
  EXPECT_EQ(client->engine().api_version, "1.41");
  const auto info = client->inspect_image("a/b:c");
  ASSERT_TRUE(info);
  EXPECT_FALSE(*info);
  EXPECT_EQ(server->requests().back().target, "/v1.41/images/a/b:c/json");
}

TEST_F(DockerClient, SaysWhereItLookedForAnEngine) {
  testing::TestWorld elsewhere(std::map<std::string, std::string>{{"DOCKER_HOST", "unix:///nonexistent/docker.sock"}});
  const World other{elsewhere.files,    elsewhere.processes,    *http, elsewhere.clock, elsewhere.environment,
                    elsewhere.progress, elsewhere.cancellation, 1};
  const auto client = Client::connect(other);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(client.error().message, "no Docker Engine answers");
  ASSERT_EQ(client.error().causes.size(), 1U);
  EXPECT_THAT(client.error().causes[0], HasSubstr("/nonexistent/docker.sock (DOCKER_HOST): there is no socket"));
}

TEST_F(DockerClient, RefusesAnEngineThatIsTooNew) {
  const std::string path = (folder.path() / "docker.sock").string();
  FaultServer engine([](Exchange& e) { e.reply(200, {}, R"({"ApiVersion":"2.0","MinAPIVersion":"1.90"})"); }, path);
  const auto client = Client::connect(world, Endpoint{"new", path, "http://docker", {}});
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().message, HasSubstr("the engine speaks API 1.90 to 2.0"));
}

TEST_F(DockerClient, RefusesWhatIsNoEngine) {
  const std::string path = (folder.path() / "docker.sock").string();
  FaultServer engine([](Exchange& e) { e.reply(200, {}, "<html>hello</html>"); }, path);
  const auto client = Client::connect(world, Endpoint{"web", path, "http://docker", {}});
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().message, HasSubstr("no Docker Engine"));
}

TEST_F(DockerClient, SendsABuildsContextAndReturnsTheImage) {
  auto client = connect([](Exchange& e) {
    e.body();
    e.reply(200, {},
            "{\"stream\":\"Step 1/1 : FROM x\\n\"}\r\n{\"stream\":\"half \"}\n{\"stream\":\"line\\n\"}\n"
            "{\"aux\":{\"ID\":\"sha256:abc\"}}\r\n{\"stream\":\"Successfully built abc\\n\"}\n");
  });
  BuildRequest build;
  build.tags = {"team/app:1", "x"};
  build.labels = {{"a", "b c"}};
  build.network_mode = "none";
  build.context = text_source("the tar");
  build.logins = {{"r.example", "alice", "secret", ""}};
  std::vector<std::string> lines;
  const auto id = client->build(build, [&](std::string_view line) { lines.emplace_back(line); });
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ(*id, "sha256:abc");
  EXPECT_THAT(lines, ElementsAre("Step 1/1 : FROM x", "half line", "Successfully built abc"));
  const auto seen = server->requests().back();
  EXPECT_EQ(seen.body, "the tar");
  EXPECT_THAT(seen.target, HasSubstr("version=1"));
  EXPECT_THAT(seen.target, HasSubstr("t=team%2Fapp%3A1&t=x"));
  EXPECT_THAT(seen.target, HasSubstr("networkmode=none"));
  EXPECT_THAT(*base64_decode(seen.header("X-Registry-Config")), HasSubstr("\"password\":\"secret\""));
}

TEST_F(DockerClient, TellsTheStepThatFailedWithItsLastLines) {
  auto client = connect([](Exchange& e) {
    e.reply(200, {},
            "{\"stream\":\"Step 1/2 : FROM x\\n\"}\n{\"stream\":\"old\\n\"}\n{\"stream\":\"Step 2/2 : RUN pip install "
            "y\\n\"}\n"
            "{\"stream\":\"no matching distribution\\n\"}\n"
            "{\"errorDetail\":{\"code\":1,\"message\":\"The command 'pip' returned a non-zero code: "
            "1\"},\"error\":\"x\"}\n");
  });
  BuildRequest build;
  build.context = text_source("");
  const auto id = client->build(build, {});
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().kind, ErrorKind::failed);
  EXPECT_EQ(id.error().message, "the build failed at Step 2/2 : RUN pip install y");
  EXPECT_THAT(id.error().excerpt, ElementsAre("Step 2/2 : RUN pip install y", "no matching distribution"));
  EXPECT_THAT(id.error().causes[0], HasSubstr("non-zero code: 1"));
}

TEST_F(DockerClient, IsNotFooledByABuildThatEndsInTheMiddle) {
  for (const char* body : {"", "{\"stream\":\"Step 1/2 : FROM x\\n\"}\n", "garbage\n", "{\"stream\":"}) {
    auto client = connect([&](Exchange& e) { e.reply(200, {}, body); });
    BuildRequest build;
    build.context = text_source("");
    const auto id = client->build(build, {});
    ASSERT_FALSE(id) << body;
    EXPECT_EQ(id.error().kind, ErrorKind::failed);
  }
  auto client = connect([](Exchange& e) { e.cut_off(200, 1000, "{\"aux\":{\"ID\":\"sha256:abc\"}}\n"); });
  BuildRequest build;
  build.context = text_source("");
  const auto id = client->build(build, {});
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().kind, ErrorKind::unavailable);
}

TEST_F(DockerClient, StopsAnEndlessMessage) {
  auto client = connect([](Exchange& e) { e.endless(); });
  BuildRequest build;
  build.context = text_source("");
  const auto id = client->build(build, {});
  ASSERT_FALSE(id);
  EXPECT_THAT(id.error().causes[0], HasSubstr("more than a megabyte"));
}

TEST_F(DockerClient, ReadsAnImagesLabelsAndDigests) {
  auto client = connect([](Exchange& e) {
    e.reply(200, {}, R"({"Id":"sha256:1","RepoDigests":["a@sha256:2"],"Size":7,"Config":{"Labels":{"k":"v"}}})");
  });
  const auto info = client->inspect_image("a");
  ASSERT_TRUE(info && *info);
  EXPECT_EQ((*info)->id, "sha256:1");
  EXPECT_THAT((*info)->repo_digests, ElementsAre("a@sha256:2"));
  EXPECT_EQ((*info)->labels.at("k"), "v");
}

TEST_F(DockerClient, PushesWithALoginAndReturnsTheDigest) {
  auto client = connect([](Exchange& e) {
    e.reply(200, {},
            "{\"status\":\"Pushing\",\"id\":\"l1\",\"progressDetail\":{}}\n{\"progressDetail\":{},\"aux\":{\"Tag\":"
            "\"t\",\"Digest\":\"sha256:9\"}}\n");
  });
  const auto digest = client->push("r.example/app", "t", RegistryLogin{"r.example", "alice", "secret", ""}, {});
  ASSERT_TRUE(digest) << digest.error().message;
  EXPECT_EQ(*digest, "sha256:9");
  const auto seen = server->requests().back();
  EXPECT_EQ(seen.target, "/v1.41/images/r.example/app/push?tag=t");
  EXPECT_THAT(*base64_decode(seen.header("X-Registry-Auth")), HasSubstr("alice"));
}

TEST_F(DockerClient, TellsARefusedPush) {
  auto client = connect([](Exchange& e) {
    e.reply(200, {},
            "{\"status\":\"Preparing\",\"id\":\"l1\"}\n{\"errorDetail\":{\"message\":\"denied: no "
            "access\\u001b[31m\"},\"error\":\"denied\"}\n");
  });
  const auto digest = client->push("r.example/app", "t", {}, {});
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(digest.error().advice, HasSubstr("docker login"));
  EXPECT_EQ(digest.error().message, "the Docker Engine could not push r.example/app:t");
  EXPECT_THAT(digest.error().causes, ElementsAre("denied: no access [31m"));
  EXPECT_EQ(*base64_decode(server->requests().back().header("X-Registry-Auth")), "{}");
}

TEST_F(DockerClient, PullsOneTagAlone) {
  auto client = connect([](Exchange& e) { e.reply(200, {}, "{\"status\":\"done\"}\n"); });
  ASSERT_TRUE(client->pull("python", {}, {}));
  EXPECT_THAT(server->requests().back().target, HasSubstr("fromImage=python&tag=latest"));
  ASSERT_TRUE(client->pull("127.0.0.1:5000/a/b", {}, {}));
  EXPECT_THAT(server->requests().back().target, HasSubstr("fromImage=127.0.0.1%3A5000%2Fa%2Fb&tag=latest"));
  ASSERT_TRUE(client->pull("a@sha256:12", {}, {}));
  EXPECT_THAT(server->requests().back().target, HasSubstr("fromImage=a&tag=sha256%3A12"));
}

TEST_F(DockerClient, TellsAPullThatTheRegistryRefusedOrThatCouldNotReachIt) {
  int status = 404;
  std::string message = "pull access denied for r.example/app, repository does not exist or may require 'docker login'";
  auto client = connect([&](Exchange& e) { e.reply(status, {}, Json{{"message", message}}.dump()); });
  auto pulled = client->pull("r.example/app:1", {}, {});
  ASSERT_FALSE(pulled);
  EXPECT_EQ(pulled.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(pulled.error().advice, HasSubstr("docker login"));
  EXPECT_THAT(pulled.error().causes, ElementsAre(message));

  status = 500;
  message = "Get \"https://r.example/v2/\": dial tcp: lookup r.example: no such host";
  pulled = client->pull("r.example/app:1", {}, {});
  ASSERT_FALSE(pulled);
  EXPECT_EQ(pulled.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(pulled.error().advice, HasSubstr("can reach it"));

  message = "no space left on device";
  pulled = client->pull("r.example/app:1", {}, {});
  ASSERT_FALSE(pulled);
  EXPECT_EQ(pulled.error().kind, ErrorKind::failed);
}

TEST_F(DockerClient, MakesAContainerAsToldAndFollowsIt) {
  const std::string out_frame = std::string("\x01\0\0\0\0\0\0\x03", 8) + "out";
  const std::string error_frame = std::string("\x02\0\0\0\0\0\0\x04", 8) + "err\n";
  auto client = connect([&](Exchange& e) {
    const std::string& target = e.request.target;
    if (target.find("/create") != target.npos) return e.reply(201, {}, R"({"Id":"c1","Warnings":[]})");
    if (target.find("/start") != target.npos) return e.reply(204);
    if (target.find("/wait") != target.npos) return e.reply(200, {}, R"({"StatusCode":3})");
    if (target.find("/logs") != target.npos) {
      e.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + out_frame.substr(0, 5));
      e.wait(std::chrono::milliseconds(50));  // a header that comes in two pieces
      e.send(out_frame.substr(5) + error_frame);
      return e.close();
    }
    if (target.find("/json") != target.npos) {
      return e.reply(200, {},
                     R"({"Id":"c1","State":{"Status":"exited","Running":false,"OOMKilled":true,"ExitCode":137}})");
    }
    e.reply(204);
  });
  ContainerSpec spec;
  spec.image = "app:1";
  spec.name = "task";
  spec.command = {"/bin/sh", "-c", "echo"};
  spec.mounts = {{"/data:odd", "/mnt", true}};
  spec.network_mode = "none";
  const auto id = client->create_container(spec);
  ASSERT_TRUE(id) << id.error().message;
  const Json body = Json::parse(server->requests().back().body);
  EXPECT_EQ(body["HostConfig"]["Mounts"][0]["Source"], "/data:odd");
  EXPECT_EQ(body["HostConfig"]["NetworkMode"], "none");
  EXPECT_FALSE(body.contains("Entrypoint"));
  EXPECT_TRUE(client->start_container(*id));
  std::string out;
  std::string error;
  EXPECT_TRUE(client->container_logs(
      *id, true, [&](LogStream stream, std::string_view piece) { (stream == LogStream::out ? out : error) += piece; }));
  EXPECT_EQ(out, "out");
  EXPECT_EQ(error, "err\n");
  EXPECT_EQ(client->wait_container(*id), 3);
  EXPECT_TRUE(client->inspect_container(*id)->out_of_memory);
  EXPECT_TRUE(client->remove_container(*id));
}

TEST_F(DockerClient, TellsWhyAContainerCouldNotBeStarted) {
  auto client = connect([](Exchange& e) { e.reply(400, {}, R"({"message":"exec: \"nope\": not found"})"); });
  const auto started = client->start_container("c1");
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::failed);
  EXPECT_THAT(started.error().causes[0], HasSubstr("not found"));
}

TEST_F(DockerClient, StopsAndRemovesEvenWhenTheUserAskedToStop) {
  auto client = connect([](Exchange& e) { e.reply(204); });
  parts.cancellation.request(2);
  EXPECT_TRUE(client->kill_container("c1", "SIGTERM"));
  EXPECT_TRUE(client->remove_container("c1"));
  EXPECT_EQ(client->start_container("c1").error().kind, ErrorKind::interrupted);
}

}  // namespace
}  // namespace liminal::docker
