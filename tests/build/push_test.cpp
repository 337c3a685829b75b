#include <map>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/sha256.hpp"
#include "liminal/build/build.hpp"
#include "liminal/build/image_layout.hpp"

#include "support/fault_server.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::build {
namespace {

using testing::Exchange;
using testing::FaultServer;
using ::testing::HasSubstr;

// A registry in memory: enough of one for pushes, and an order of what came.
class MemoryRegistry {
 public:
  void answer(Exchange& e) {
    const std::string body = e.body();
    const std::lock_guard lock(mutex);
    const std::string& target = e.request.target;
    if (target == "/v2/") return e.reply(200);
    if (fail_manifests && e.request.method == "PUT" && target.find("/manifests/") != target.npos) return e.reply(403);
    const std::string path = target.substr(0, target.find('?'));
    if (e.request.method == "HEAD") {
      const auto found = things.find(path);
      if (found == things.end()) return e.reply(404);
      return e.reply(200, {{"Docker-Content-Digest", "sha256:" + sha256_hex(found->second)}});
    }
    if (e.request.method == "POST" && target.find("mount=") != target.npos) {
      const std::string digest = target.substr(target.find("mount=") + 6, 71);
      const std::string from = target.substr(target.find("from=") + 5);
      const auto there = things.find("/v2/" + from + "/blobs/" + digest);
      if (there == things.end()) return e.reply(202, {{"Location", path + "upload"}});
      things[path.substr(0, path.find("/uploads/")) + "/" + digest] = there->second;
      order.push_back("mount");
      return e.reply(201);
    }
    if (e.request.method == "POST") return e.reply(202, {{"Location", path + "upload"}});
    if (path.ends_with("/uploads/upload")) {
      const std::string digest = "sha256:" + sha256_hex(body);
      things[path.substr(0, path.find("/uploads/")) + "/" + digest] = body;
      order.push_back("blob");
      return e.reply(201);
    }
    things[path] = body;
    order.push_back(path.substr(path.rfind('/') + 1).starts_with("sha256:") ? "manifest" : "tag");
    if (order.back() == "tag") things[path.substr(0, path.rfind('/') + 1) + "sha256:" + sha256_hex(body)] = body;
    e.reply(201);
  }

  std::mutex mutex;
  std::map<std::string, std::string> things;
  std::vector<std::string> order;
  bool fail_manifests = false;
};

class Push : public ::testing::Test {
 protected:
  Push() { options.output = folder.path() / "images"; }

  BuiltImage make_image(const std::string& repository, const std::string& tag, const std::string& source) {
    ImageLayout layout(world, options.output);
    EXPECT_TRUE(layout.prepare());
    const auto config =
        layout.write_blob("application/vnd.oci.image.config.v1+json", R"({"os":"linux","x":")" + source + "\"}");
    const auto shared = layout.write_blob("application/vnd.oci.image.layer.v1.tar+gzip", "the base");
    const auto layer = layout.write_blob("application/vnd.oci.image.layer.v1.tar+gzip", source);
    const auto json = [](const Descriptor& d) {
      return Json{{"mediaType", d.media_type}, {"digest", d.digest}, {"size", d.size}};
    };
    const Json manifest = {{"schemaVersion", 2},
                           {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                           {"config", json(*config)},
                           {"layers", Json::array({json(*shared), json(*layer)})}};
    BuiltImage image;
    image.digest = layout.write_blob("application/vnd.oci.image.manifest.v1+json", manifest.dump())->digest;
    image.plan.name = {server.host(), repository, tag, ""};
    return image;
  }
  std::size_t sent(std::string_view what) {
    return static_cast<std::size_t>(std::count(registry.order.begin(), registry.order.end(), what));
  }

  testing::TemporaryFolder folder;
  testing::TestWorld parts;
  std::unique_ptr<HttpClient> http = make_http_client("liminal-test", Environment());
  World world{parts.files,    parts.processes,    *http, parts.clock, parts.environment,
              parts.progress, parts.cancellation, 1};
  MemoryRegistry registry;
  FaultServer server{[this](Exchange& e) { registry.answer(e); }};
  Options options;
};

TEST_F(Push, SendsBlobsThenTheManifestThenTheTag) {
  const BuiltImage image = make_image("team/app", "1", "source");
  const Built built = push(world, {image}, options);
  ASSERT_TRUE(built.errors.empty()) << built.errors[0].message << built.errors[0].causes[0];
  EXPECT_THAT(registry.order, ::testing::ElementsAre("blob", "blob", "blob", "manifest", "tag"));
  ASSERT_EQ(built.stage.cases.size(), 1U);
  EXPECT_EQ(built.stage.cases[0].outcome, report::Outcome::passed);
  EXPECT_THAT(built.stage.cases[0].summary, HasSubstr("team/app@" + image.digest));
}

TEST_F(Push, AgainSendsNothingAndAsksOnce) {
  const BuiltImage image = make_image("team/app", "1", "source");
  ASSERT_TRUE(push(world, {image}, options).errors.empty());
  const auto before = server.requests().size();
  const auto order = registry.order;
  const Built again = push(world, {image}, options);
  EXPECT_EQ(again.stage.outcome, report::Outcome::unchanged);
  EXPECT_EQ(registry.order, order);
  EXPECT_EQ(server.requests().size(), before + 2) << "one to find out how the registry is spoken to, and one HEAD";
}

TEST_F(Push, OfAChangedSourceSendsItsLayerAlone) {
  ASSERT_TRUE(push(world, {make_image("team/app", "1", "source")}, options).errors.empty());
  registry.order.clear();
  ASSERT_TRUE(push(world, {make_image("team/app", "2", "changed")}, options).errors.empty());
  EXPECT_THAT(registry.order, ::testing::ElementsAre("blob", "blob", "manifest", "tag"));  // layer and configuration
}

TEST_F(Push, MountsWhatAnotherImageSent) {
  const Built built = push(world, {make_image("team/a", "1", "one"), make_image("team/b", "1", "two")}, options);
  EXPECT_TRUE(built.errors.empty());
  EXPECT_EQ(sent("mount"), 1U);
  EXPECT_EQ(sent("blob"), 5U);
}

TEST_F(Push, NamesAnOldImageAnewWithoutSendingIt) {
  ASSERT_TRUE(push(world, {make_image("team/app", "1", "source")}, options).errors.empty());
  registry.order.clear();
  ASSERT_TRUE(push(world, {make_image("team/app", "2", "source")}, options).errors.empty());
  EXPECT_THAT(registry.order, ::testing::ElementsAre("tag"));
}

TEST_F(Push, ThatFailsLeavesTheTagsAndGoesOnWithTheOthers) {
  registry.fail_manifests = true;
  BuiltImage unnamed = make_image("team/b", "1", "two");
  unnamed.plan.name.registry.clear();
  const Built built = push(world, {make_image("team/a", "1", "one"), unnamed}, options);
  ASSERT_EQ(built.errors.size(), 2U);
  EXPECT_EQ(sent("tag"), 0U);
  EXPECT_EQ(built.stage.outcome, report::Outcome::failed);
  EXPECT_EQ(built.errors[0].kind, ErrorKind::unavailable);
  EXPECT_EQ(built.errors[1].kind, ErrorKind::usage);
  EXPECT_THAT(built.errors[1].advice, HasSubstr("--registry"));
}

TEST_F(Push, OfWhatWasNotBuiltSaysSo) {
  BuiltImage image = make_image("team/app", "1", "source");
  image.digest = "sha256:" + std::string(64, '0');
  const Built built = push(world, {image}, options);
  ASSERT_EQ(built.errors.size(), 1U);
  EXPECT_THAT(built.errors[0].causes[0], HasSubstr("was not built"));
}

}  // namespace
}  // namespace liminal::build
