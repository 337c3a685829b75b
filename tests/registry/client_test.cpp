#include "liminal/registry/client.hpp"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/sha256.hpp"
#include "liminal/base/thread_pool.hpp"

#include "registry_world.hpp"

namespace liminal::registry {
namespace {

using ::testing::Contains;
using testing::Exchange;
using testing::FaultServer;
using ::testing::HasSubstr;
using testing::source_of;

std::string digest_of(std::string_view bytes) {
  return "sha256:" + sha256_hex(bytes);
}

class RegistryClient : public ::testing::Test {
 protected:
  // Starts a registry that answers /v2/ well, and the rest as told.
  void serve(testing::Handler handler) {
    server = std::make_unique<FaultServer>([handler = std::move(handler)](Exchange& e) {
      if (e.request.target == "/v2/") return e.reply(200);
      handler(e);
    });
    repository = {server->host(), "team/app"};
  }
  Client client(Options options = {}) { return {outside.world, std::move(options)}; }

  const std::string content = "the bytes of a blob";
  const Descriptor blob{"application/octet-stream", digest_of(content), content.size()};
  testing::RegistryWorld outside;
  std::unique_ptr<FaultServer> server;
  Repository repository;
};

TEST_F(RegistryClient, ReadsAManifestAndItsDigest) {
  const std::string bytes = R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"})";
  serve([&](Exchange& e) {
    e.reply(200, {{"Content-Type", "application/vnd.oci.image.manifest.v1+json; charset=utf-8"}}, bytes);
  });
  const auto manifest = client().read_manifest(repository, "1.0");
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->media_type, oci_manifest);
  EXPECT_EQ(manifest->digest, digest_of(bytes));
  EXPECT_THAT(server->requests().back().header("Accept"), HasSubstr(std::string(oci_index)));
}

TEST_F(RegistryClient, RefusesAManifestThatIsNotTheOneAskedFor) {
  serve([](Exchange& e) { e.reply(200, {}, "{}"); });
  const auto manifest = client().read_manifest(repository, digest_of("other"));
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().kind, ErrorKind::failed);
  EXPECT_THAT(manifest.error().message, HasSubstr("sent something else"));
}

TEST_F(RegistryClient, PicksThePlatformOfAnIndex) {
  const std::string wanted = "{\"schemaVersion\":2}";
  const std::string index = R"({"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
    {"digest":")" + digest_of("x") +
                            R"(","platform":{"os":"unknown","architecture":"unknown"}},
    {"digest":")" + digest_of("y") +
                            R"(","platform":{"os":"linux","architecture":"arm64","variant":"v8"}},
    {"digest":")" + digest_of(wanted) +
                            R"(","platform":{"os":"linux","architecture":"amd64"}}]})";
  serve([&](Exchange& e) {
    const bool first = e.request.target.ends_with("/latest");
    e.reply(200, {{"Content-Type", std::string(first ? oci_index : oci_manifest)}}, first ? index : wanted);
  });
  const auto manifest = client().read_manifest(repository, "latest", Platform{});
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->bytes, wanted);
  const auto none = client().read_manifest(repository, "latest", Platform{"linux", "s390x", ""});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("has no image for linux/s390x"));
  EXPECT_EQ(none.error().advice, "it has linux/amd64, linux/arm64/v8");
}

TEST_F(RegistryClient, RefusesAnIndexThatNestsWithoutEnd) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  serve([&](Exchange& e) {
    e.reply(200, {{"Content-Type", std::string(oci_index)}}, R"({"manifests":[{"x":)" + deep + "}]}");
  });
  const auto manifest = client().read_manifest(repository, "latest", Platform{});
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().kind, ErrorKind::failed);
}

TEST_F(RegistryClient, ReadsABlobAndChecksIt) {
  serve([&](Exchange& e) { e.reply(200, {}, content); });
  EXPECT_EQ(client().read_blob(repository, blob), content);
  Descriptor other = blob;
  other.digest = digest_of("other");
  EXPECT_THAT(client().read_blob(repository, other).error().message, HasSubstr("sent something else"));
}

TEST_F(RegistryClient, StopsABlobThatDoesNotEnd) {
  serve([](Exchange& e) { e.endless(); });
  const auto read = client().read_blob(repository, blob);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().causes, Contains(HasSubstr("more than the 19 bytes")));
}

TEST_F(RegistryClient, GoesOnWhereADownloadBrokeOff) {
  std::atomic<int> calls{0};
  serve([&](Exchange& e) {
    if (calls++ == 0) return e.cut_off(200, content.size(), content.substr(0, 7));
    EXPECT_EQ(e.request.header("Range"), "bytes=7-");
    e.reply(206, {{"Content-Range", "bytes 7-18/19"}}, content.substr(7));
  });
  EXPECT_EQ(client().read_blob(repository, blob), content);
  EXPECT_EQ(calls, 2);
}

TEST_F(RegistryClient, SkipsWhatItHasWhenTheRegistryKnowsNoRanges) {
  std::atomic<int> calls{0};
  serve([&](Exchange& e) {
    if (calls++ == 0) return e.cut_off(200, content.size(), content.substr(0, 7));
    e.reply(200, {}, content);
  });
  EXPECT_EQ(client().read_blob(repository, blob), content);
}

TEST_F(RegistryClient, FollowsARedirectToStorageWithoutTheLogin) {
  FaultServer storage([&](Exchange& e) { e.reply(200, {}, content); });
  outside.log_in(storage.host(), "alice", "secret");
  serve([&](Exchange& e) {
    if (e.request.header("Authorization").empty()) return e.reply(401, {{"WWW-Authenticate", "Basic realm=\"r\""}});
    e.reply(307, {{"Location", storage.url("/blob?signature=1")}});
  });
  outside.log_in(server->host(), "alice", "secret");
  EXPECT_EQ(client().read_blob(repository, blob), content);
  EXPECT_EQ(storage.requests().front().header("Authorization"), "");
}

TEST_F(RegistryClient, FollowsNoRedirectToAMetadataServerOrWithoutEnd) {
  std::string location = "http://169.254.169.254/latest/meta-data/";
  serve([&](Exchange& e) { e.reply(307, {{"Location", location}}); });
  auto read = client().read_blob(repository, blob);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().causes, Contains(HasSubstr("an address that no registry should name")));
  location = server->url("/v2/loop");
  read = client().read_blob(repository, blob);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().causes, Contains(HasSubstr("redirects without end")));
}

TEST_F(RegistryClient, FollowsARedirectOfAManifestWithoutTheLogin) {
  const std::string bytes = R"({"schemaVersion":2})";
  FaultServer storage([&](Exchange& e) { e.reply(200, {{"Docker-Content-Digest", digest_of(bytes)}}, bytes); });
  serve([&](Exchange& e) {
    if (e.request.header("Authorization").empty()) return e.reply(401, {{"WWW-Authenticate", "Basic realm=\"r\""}});
    e.reply(307, {{"Location", storage.url("/manifest?signature=1")}});
  });
  outside.log_in(server->host(), "alice", "secret");
  const auto manifest = client().read_manifest(repository, "1");
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->bytes, bytes);
  const auto found = client().find_manifest(repository, "1");
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->digest, digest_of(bytes));
  for (const auto& request : storage.requests()) EXPECT_EQ(request.header("Authorization"), "");
  EXPECT_THAT(storage.requests().front().header("Accept"), HasSubstr(std::string(oci_manifest)));
}

TEST_F(RegistryClient, FollowsNoRedirectOfAManifestToAMetadataServer) {
  serve([](Exchange& e) { e.reply(307, {{"Location", "http://169.254.169.254/latest/meta-data/"}}); });
  const auto manifest = client().read_manifest(repository, "1");
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(manifest.error().causes, Contains(HasSubstr("an address that no registry should name")));
}

TEST_F(RegistryClient, SendsABlobInOnePieceWithItsLength) {
  serve([&](Exchange& e) {
    if (e.request.method == "HEAD") return e.reply(404);
    if (e.request.method == "POST") return e.reply(202, {{"Location", "/v2/team/app/blobs/uploads/1?state=x"}});
    e.reply(201);
  });
  const auto sent = client().write_blob(repository, blob, source_of(content));
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(*sent, BlobOutcome::uploaded);
  const auto put = server->requests().back();
  EXPECT_EQ(put.method, "PUT");
  EXPECT_EQ(put.body, content);
  EXPECT_EQ(put.header("Content-Length"), std::to_string(content.size()));
  EXPECT_EQ(put.target, "/v2/team/app/blobs/uploads/1?state=x&digest=sha256%3A" + blob.digest.substr(7));
}

TEST_F(RegistryClient, SendsNothingThatIsThere) {
  serve([](Exchange& e) { e.reply(200); });
  EXPECT_EQ(client().write_blob(repository, blob, source_of(content)), BlobOutcome::there);
  EXPECT_EQ(server->count("POST", "/"), 0U);
}

TEST_F(RegistryClient, MountsFromAnotherRepositoryOrSendsWhenItCannot) {
  int status = 201;
  serve([&](Exchange& e) {
    if (e.request.method == "HEAD") return e.reply(404);
    if (e.request.target.find("mount=") != std::string::npos)
      return e.reply(status, {{"Location", "/v2/team/app/blobs/uploads/m"}});
    if (e.request.method == "POST") return e.reply(202, {{"Location", "/v2/team/app/blobs/uploads/p"}});
    e.reply(201);
  });
  EXPECT_EQ(client().write_blob(repository, blob, source_of(content), "team/base"), BlobOutcome::mounted);
  EXPECT_THAT(server->requests().back().target, HasSubstr("from=team/base"));
  status = 202;  // the session that was opened instead is used
  EXPECT_EQ(client().write_blob(repository, blob, source_of(content), "team/base"), BlobOutcome::uploaded);
  EXPECT_THAT(server->requests().back().target, HasSubstr("/uploads/m"));
  status = 404;
  EXPECT_EQ(client().write_blob(repository, blob, source_of(content), "team/base"), BlobOutcome::uploaded);
  EXPECT_THAT(server->requests().back().target, HasSubstr("/uploads/p"));
}

TEST_F(RegistryClient, BeginsAnUploadAgainAfterAResetInTheMiddle) {
  std::atomic<int> puts{0};
  serve([&](Exchange& e) {
    if (e.request.method == "HEAD") return e.reply(404);
    if (e.request.method == "POST") return e.reply(202, {{"Location", "/v2/u/" + std::to_string(puts)}});
    if (puts++ < 2) {
      e.read_some(5);
      return e.reset();
    }
    e.reply(201);
  });
  const auto sent = client().write_blob(repository, blob, source_of(content));
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(puts, 3);
  EXPECT_EQ(server->requests().back().body, content);
}

TEST_F(RegistryClient, ResumesALargeUploadAtTheOffsetTheRegistryTells) {
  const std::string large(9'000'000, 'z');
  const Descriptor descriptor{"", digest_of(large), large.size()};
  std::atomic<int> puts{0};
  serve([&](Exchange& e) {
    if (e.request.method == "HEAD") return e.reply(404);
    if (e.request.method == "POST") return e.reply(202, {{"Location", "/v2/u/1"}});
    if (e.request.method == "GET") return e.reply(204, {{"Location", "/v2/u/2"}, {"Range", "0-3999999"}});
    if (e.request.method == "PATCH") return e.reply(202, {{"Location", "/v2/u/3"}});
    if (puts++ == 0) {
      e.read_some(4'000'000);
      return e.reset();
    }
    e.reply(201);
  });
  const auto sent = client().write_blob(repository, descriptor, source_of(large));
  ASSERT_TRUE(sent) << sent.error().message;
  const auto requests = server->requests();
  const auto patch = requests[requests.size() - 2];
  EXPECT_EQ(patch.header("Content-Range"), "4000000-8999999");
  EXPECT_EQ(patch.body.size(), 5'000'000U);
  EXPECT_EQ(requests.back().body.size(), 0U);
  EXPECT_THAT(requests.back().target, HasSubstr("/v2/u/3?digest="));
}

TEST_F(RegistryClient, DoesNotBelieveAnOffsetBeyondWhatThereIs) {
  const std::string large(9'000'000, 'z');
  const Descriptor descriptor{"", digest_of(large), large.size()};
  std::atomic<int> puts{0};
  serve([&](Exchange& e) {
    if (e.request.method == "HEAD") return e.reply(404);
    if (e.request.method == "POST") return e.reply(202, {{"Location", "/v2/u/1"}});
    if (e.request.method == "GET") return e.reply(204, {{"Range", "0-99999999"}});
    if (puts++ == 0) return e.reset();
    e.reply(201);
  });
  ASSERT_TRUE(client().write_blob(repository, descriptor, source_of(large)));
  EXPECT_EQ(server->requests().back().body.size(), large.size());
  EXPECT_EQ(server->count("POST", "/"), 2U);
}

TEST_F(RegistryClient, SendsSmallChunksWhereABlobInOnePieceIsTooLarge) {
  const std::string large(9'000'000, 'z');
  const Descriptor descriptor{"", digest_of(large), large.size()};
  std::string received;
  serve([&](Exchange& e) {
    if (e.request.method == "HEAD") return e.reply(404);
    if (e.request.method == "POST") return e.reply(202, {{"Location", "/v2/u/1"}});
    if (e.request.method == "PATCH") {
      received += e.body();
      return e.reply(202, {{"Location", "/v2/u/1"}});
    }
    if (received.empty()) return e.reply_early(413);
    e.reply(201);
  });
  const auto sent = client().write_blob(repository, descriptor, source_of(large));
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(received, large);
}

TEST_F(RegistryClient, WaitsAsLongAsTheRegistryAsks) {
  std::atomic<int> calls{0};
  serve([&](Exchange& e) {
    if (calls++ < 2) return e.reply(429, {{"Retry-After", "17"}});
    e.reply(200, {}, content);
  });
  const auto before = outside.parts.clock.now();
  EXPECT_EQ(client().read_blob(repository, blob), content);
  EXPECT_EQ(outside.parts.clock.now() - before, std::chrono::seconds{34});
}

TEST_F(RegistryClient, GivesUpAfterSixAttemptsAndSaysWhy) {
  serve([](Exchange& e) {
    e.reply(503, {}, R"({"errors":[{"code":"UNAVAILABLE","message":"maintenance\u001b]0;x"}]})");
  });
  const auto read = client().read_blob(repository, blob);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(server->count("GET", "/v2/team"), 6U);
  EXPECT_THAT(read.error().message, HasSubstr("status 503"));
  EXPECT_THAT(read.error().causes, Contains("UNAVAILABLE: maintenance ]0;x"));
}

TEST_F(RegistryClient, StopsWaitingWhenCancelled) {
  serve([&](Exchange& e) {
    outside.parts.cancellation.request(2);
    e.reply(503, {{"Retry-After", "100"}});
  });
  EXPECT_EQ(client().read_blob(repository, blob).error().kind, ErrorKind::interrupted);
  EXPECT_EQ(server->count("GET", "/v2/team"), 1U);
}

TEST_F(RegistryClient, SendsABlobOfTwoCallersOnce) {
  std::atomic<bool> there{false};
  serve([&](Exchange& e) {
    if (e.request.method == "HEAD") return e.reply(there ? 200 : 404);
    if (e.request.method == "POST") return e.reply(202, {{"Location", "/v2/u/1"}});
    e.body();
    e.wait(std::chrono::milliseconds{50});
    there = true;
    e.reply(201);
  });
  auto shared = client();
  std::atomic<int> uploaded{0};
  parallel_for(8, 8, [&](std::size_t) {
    if (shared.write_blob(repository, blob, source_of(content)) == BlobOutcome::uploaded) ++uploaded;
  });
  EXPECT_EQ(uploaded, 1);
  EXPECT_EQ(server->count("PUT", "/"), 1U);
}

TEST_F(RegistryClient, HasAtMostFourBlobsUnderWay) {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  serve([&](Exchange& e) {
    most = std::max(most.load(), ++now);
    e.wait(std::chrono::milliseconds{20});
    --now;
    e.reply(200, {}, content);
  });
  auto shared = client();
  parallel_for(12, 24, [&](std::size_t) { EXPECT_TRUE(shared.read_blob(repository, blob)); });
  EXPECT_LE(most, 4);
  EXPECT_GE(most, 2);
}

TEST_F(RegistryClient, WritesAManifestAndTakesAnImmutableTagThatIsTheSame) {
  const Manifest manifest{std::string(oci_manifest), "", "{\"schemaVersion\":2}"};
  const std::string digest = digest_of(manifest.bytes);
  std::string there = digest;
  serve([&](Exchange& e) {
    if (e.request.method == "HEAD") return e.reply(200, {{"Docker-Content-Digest", there}});
    e.reply(
        400, {},
        R"({"errors":[{"code":"TAG_INVALID","message":"The image tag already exists and the repository is immutable"}]})");
  });
  EXPECT_EQ(client().write_manifest(repository, "1", manifest), digest);
  there = digest_of("another");
  const auto refused = client().write_manifest(repository, "1", manifest);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("may not change, and holds another image"));
}

TEST_F(RegistryClient, RefusesNamesAndDigestsThatWouldLeaveTheRepository) {
  serve([](Exchange& e) { e.reply(200); });
  for (const char* name : {"../x", "a/../b", "A", "", "a//b", "a?b", "/a", "a/", "a b", "a%2f..%2fb", "a#b"}) {
    const auto found = client().find_manifest({server->host(), name}, "latest");
    EXPECT_FALSE(found) << name;
  }
  for (const char* digest : {"", "sha256:", "sha256:../../x", "md5:0"}) {
    EXPECT_FALSE(client().has_blob(repository, digest)) << digest;
  }
  EXPECT_EQ(server->count("GET", "/v2/a"), 0U);
}

TEST_F(RegistryClient, TellsAnAnonymousUserToLogIn) {
  serve([](Exchange& e) {
    e.reply(403, {}, R"({"errors":[{"code":"DENIED","message":"requested access is denied"}]})");
  });
  const auto sent = client().write_blob(repository, blob, source_of(content));
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error().message, HasSubstr("does not let an anonymous user write a blob of"));
  EXPECT_EQ(sent.error().advice, "log in with: docker login " + server->host());
  EXPECT_THAT(sent.error().causes, Contains("asked for: repository:team/app:pull,push"));
}

}  // namespace
}  // namespace liminal::registry
