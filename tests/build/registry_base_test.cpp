// Images whose base lies in a registry, through build(): what is fetched, kept, and refused.
#include <thread>

#include <gtest/gtest.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/gzip.hpp"
#include "liminal/base/sha256.hpp"
#include "liminal/base/tar.hpp"
#include "liminal/build/build.hpp"
#include "liminal/build/image_layout.hpp"

#include "registry/registry_world.hpp"

namespace liminal::build {
namespace {

using testing::Exchange;

std::string digest_of(std::string_view bytes) {
  return "sha256:" + sha256_hex(bytes);
}

class RegistryBase : public ::testing::Test {
 protected:
  RegistryBase() {
    TarWriter writer([this](std::string_view bytes) -> Status {
      layer_ += bytes;
      return {};
    });
    static_cast<void>(writer.begin(TarEntry::Kind::file, "bin/sh", 0755, 5));
    static_cast<void>(writer.data("shell"));
    static_cast<void>(writer.finish());
    set_config({});
    outside_.folder.write("source/train.py", "print('trained')\n");
    options_.output = outside_.folder.path() / "images";
    options_.cache = outside_.folder.path() / "cache";
    options_.builder = Builder::oci;
  }

  // The base's configuration with these members, and the manifest that names it.
  void set_config(const Json& members) {
    Json config = {{"os", "linux"},
                   {"architecture", "amd64"},
                   {"config", {{"Env", {"PATH=/bin"}}, {"Labels", {{"from", "base"}}}}},
                   {"rootfs", {{"type", "layers"}, {"diff_ids", {digest_of(layer_)}}}}};
    if (members.is_object()) config.update(members);
    set_config_text(config.dump());
  }

  void set_config_text(std::string text) {
    config_ = std::move(text);
    manifest_ = Json{{"schemaVersion", 2},
                     {"mediaType", "application/vnd.docker.distribution.manifest.v2+json"},
                     {"config",
                      {{"mediaType", "application/vnd.docker.container.image.v1+json"},
                       {"digest", digest_of(config_)},
                       {"size", config_.size()}}},
                     {"layers",
                      {{{"mediaType", "application/vnd.docker.image.rootfs.diff.tar"},
                        {"digest", digest_of(layer_)},
                        {"size", layer_.size()}}}}}
                    .dump();
  }

  void serve(std::function<bool(Exchange&)> instead = [](Exchange&) { return false; }) {
    server_ = std::make_unique<testing::FaultServer>([this, instead = std::move(instead)](Exchange& e) {
      if (instead(e)) return;
      if (e.request.target == "/v2/") return e.reply(200);
      if (e.request.target.find("/manifests/") != std::string::npos)
        return e.reply(200, {{"Content-Type", "application/vnd.docker.distribution.manifest.v2+json"}}, manifest_);
      for (const std::string* blob : {&layer_, &config_}) {
        if (e.request.target.ends_with(digest_of(*blob))) return e.reply(200, {}, *blob);
      }
      e.reply(404);
    });
    model::System system;
    system.name = "wines";
    model::Image image;
    image.name = "wine";
    image.type = model::ImageType::python;
    image.source = "source";
    image.source_folder = outside_.folder.path() / "source";
    image.base = server_->host() + "/team/base:1";
    system.images = {image};
    systems_ = {system};
  }

  Built built() {
    auto plans = plan(outside_.world, systems_, options_);
    if (!plans) {
      Built failed;
      failed.errors = {plans.error()};
      return failed;
    }
    return build(outside_.world, *plans, options_);
  }

  testing::RegistryWorld outside_;
  std::string layer_;
  std::string config_;
  std::string manifest_;
  std::unique_ptr<testing::FaultServer> server_;
  Options options_;
  std::vector<model::System> systems_;
};

TEST_F(RegistryBase, IsFetchedOnceAndKept) {
  serve();
  const Built first = built();
  ASSERT_EQ(first.images.size(), 1U) << first.errors.front().message;
  const ImageLayout layout(outside_.world, options_.output);
  const auto manifest = layout.manifest(first.images.front().digest);
  ASSERT_TRUE(manifest);
  ASSERT_EQ(manifest->layers.size(), 2U);
  EXPECT_EQ(manifest->layers.front().digest, digest_of(layer_));
  EXPECT_EQ(manifest->layers.front().media_type, "application/vnd.oci.image.layer.v1.tar")
      << "Docker's types are not OCI's";
  const auto config = layout.config(*manifest);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->labels.at("from"), "base");
  EXPECT_EQ(config->environment.front(), "PATH=/bin");
  EXPECT_FALSE(config->json.contains("history")) << "a history that does not tell of the base's layers is not right";

  const std::size_t requests = server_->requests().size();
  outside_.folder.write("source/train.py", "print('better')\n");
  const Built second = built();
  ASSERT_EQ(second.images.size(), 1U);
  EXPECT_NE(second.images.front().digest, first.images.front().digest);
  EXPECT_EQ(server_->requests().size(), requests) << "the base was asked for again";
}

TEST_F(RegistryBase, IsAskedForAgainWithoutTheCache) {
  serve();
  static_cast<void>(built());
  const std::size_t requests = server_->requests().size();
  options_.no_cache = true;
  EXPECT_EQ(built().images.size(), 1U);
  EXPECT_GT(server_->requests().size(), requests);
}

TEST_F(RegistryBase, WithOtherBytesThanItsDigestIsRefused) {
  serve([&](Exchange& e) {
    if (!e.request.target.ends_with(digest_of(layer_))) return false;
    e.reply(200, {}, std::string(layer_.size(), 'x'));
    return true;
  });
  const Built result = built();
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_NE(result.errors.front().message.find("team/base:1"), std::string::npos);
  EXPECT_FALSE(ImageLayout(outside_.world, options_.cache / "bases/images").has_blob(digest_of(layer_)));
}

// The image would otherwise stand under the content key of the base that was planned.
TEST_F(RegistryBase, IsTheOneThatWasPlannedThoughItsTagMoved) {
  const std::string planned_manifest = manifest_;
  const std::string planned_config = config_;
  serve([&](Exchange& e) {
    for (const std::string* content : {&planned_manifest, &planned_config}) {
      if (!e.request.target.ends_with(digest_of(*content))) continue;
      e.reply(200, {{"Content-Type", "application/vnd.docker.distribution.manifest.v2+json"}}, *content);
      return true;
    }
    return false;
  });
  const auto plans = plan(outside_.world, systems_, options_);
  ASSERT_TRUE(plans) << plans.error().message;
  set_config({{"created", "2026-01-01T00:00:00Z"}});
  const Built result = build(outside_.world, *plans, options_);
  ASSERT_EQ(result.images.size(), 1U) << result.errors.front().message;
  const auto manifest = ImageLayout(outside_.world, options_.output).manifest(result.images.front().digest);
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->annotations.at("org.opencontainers.image.base.digest"), digest_of(planned_manifest));
  options_.no_cache = true;
  const auto later = plan(outside_.world, systems_, options_);
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_NE(later->front().content_key, plans->front().content_key);
}

TEST_F(RegistryBase, IsNotWaitedForAfterACancellation) {
  serve();
  const auto plans = plan(outside_.world, systems_, options_);
  ASSERT_TRUE(plans) << plans.error().message;
  const std::string reference = *systems_.front().images.front().base + "\n" + plans->front().platform.substr(6);
  const auto held = FileLock::acquire(options_.cache / "bases/fetched" / (sha256_hex(reference) + ".lock"));
  ASSERT_TRUE(held);
  std::jthread stop([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    outside_.parts.cancellation.request(15);
  });
  const Built result = build(outside_.world, *plans, options_);
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors.front().kind, ErrorKind::interrupted);
}

TEST_F(RegistryBase, LosesAHistoryThatHasNotTheFormOfOne) {
  options_.no_cache = true;
  for (const Json& history : {Json("text"), Json(7), Json::array({"text"}), Json::array({{{"empty_layer", "yes"}}})}) {
    set_config({{"history", history}});
    serve();
    const Built result = built();
    ASSERT_EQ(result.images.size(), 1U) << result.errors.front().message;
    const ImageLayout layout(outside_.world, options_.output);
    const auto config = layout.config(layout.manifest(result.images.front().digest).value());
    ASSERT_TRUE(config);
    EXPECT_FALSE(config->json.contains("history")) << history.dump();
  }
}

TEST_F(RegistryBase, WithAnEnvironmentThatIsNoListIsRefused) {
  set_config({{"config", {{"Env", "PATH=/bin"}}}});
  serve();
  const Built result = built();
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors.front().kind, ErrorKind::failed);
  EXPECT_NE(result.errors.front().message.find("`Env` that is no list"), std::string::npos);
}

TEST_F(RegistryBase, WithAConfigurationThatNestsWithoutEndIsRefused) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  set_config_text(R"({"os":"linux","architecture":"amd64","rootfs":{},"x":)" + deep + "}");
  serve();
  const Built result = built();
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors.front().kind, ErrorKind::failed);
  EXPECT_NE(result.errors.front().message.find("nests too deep"), std::string::npos);
}

TEST_F(RegistryBase, IsBuiltOnAgainWhereTheRecordOfALayerIsOdd) {
  serve();
  const std::string digest = built().images.front().digest;
  for (const auto& record : std::filesystem::directory_iterator(options_.cache / "layers"))
    outside_.folder.write("cache/layers/" + record.path().filename().string(), R"({"digest":7,"size":"x"})");
  options_.output = outside_.folder.path() / "elsewhere";
  const Built result = built();
  ASSERT_EQ(result.images.size(), 1U) << result.errors.front().message;
  EXPECT_EQ(result.images.front().digest, digest);
}

TEST_F(RegistryBase, ThatIsNotThereNamesWhatToDo) {
  serve([](Exchange& e) {
    if (e.request.target == "/v2/") return false;
    e.reply(404, {}, R"({"errors":[{"code":"MANIFEST_UNKNOWN"}]})");
    return true;
  });
  const Built result = built();
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors.front().kind, ErrorKind::unavailable);
  EXPECT_NE(result.errors.front().advice.find("--base"), std::string::npos);
}

TEST_F(RegistryBase, CutOffHalfWayIsFetchedByTheNextBuild) {
  std::atomic<bool> broken{true};
  serve([&](Exchange& e) {
    if (!broken || !e.request.target.ends_with(digest_of(layer_))) return false;
    e.cut_off(200, layer_.size(), layer_.substr(0, 600));
    return true;
  });
  EXPECT_EQ(built().errors.size(), 1U);
  broken = false;
  const Built result = built();
  EXPECT_EQ(result.images.size(), 1U) << result.errors.front().message;
}

}  // namespace
}  // namespace liminal::build
