// Planning and building through the public functions, on a root file system folder: no network, no daemon.
#include "liminal/build/build.hpp"

#include <filesystem>
#include <set>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "liminal/build/image_layout.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::build {
namespace {

namespace fs = std::filesystem;

class Build : public ::testing::Test {
 protected:
  Build() {
    folder_.write("root/bin/sh", "a shell");
    folder_.write("root/etc/os-release", "NAME=Test");
    folder_.write("project/source/train.py", "print('trained')\n");
    folder_.write("project/source/lib/helper.py", "x = 1\n");
    options_.output = folder_.path() / "project/.liminal/images";
    options_.cache = folder_.path() / "cache";
    options_.builder = Builder::oci;
    options_.bases = {{"python:3.12-slim", "rootfs:" + (folder_.path() / "root").string()}};
    systems_.push_back(system("wine"));
  }

  [[nodiscard]] model::System system(const std::string& image_name) const {
    model::System system;
    system.name = "wines";
    system.file = "liminal.yml";
    system.folder = folder_.path() / "project";
    model::Image image;
    image.name = image_name;
    image.type = model::ImageType::python;
    image.type_name = "python";
    image.source = "source";
    image.source_folder = folder_.path() / "project/source";
    system.images.push_back(image);
    return system;
  }

  [[nodiscard]] model::Image& image() { return systems_.front().images.front(); }

  [[nodiscard]] std::vector<ImagePlan> planned(unsigned jobs = 1) {
    world_.emplace(test_world_.world(jobs));
    auto plans = plan(*world_, systems_, options_);
    EXPECT_TRUE(plans) << plans.error().message;
    return plans ? *plans : std::vector<ImagePlan>();
  }

  [[nodiscard]] Built built(unsigned jobs = 1) {
    const auto plans = planned(jobs);
    return build(*world_, plans, options_);
  }

  [[nodiscard]] std::string digest(unsigned jobs = 1) {
    const Built result = built(jobs);
    for (const Error& error : result.errors) ADD_FAILURE() << error.message;
    return result.images.empty() ? "" : result.images.front().digest;
  }

  [[nodiscard]] ImageManifest manifest(const std::string& digest) {
    const auto found = ImageLayout(*world_, options_.output).manifest(digest);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : ImageManifest();
  }

  testing::TemporaryFolder folder_;
  testing::TestWorld test_world_;
  std::optional<World> world_;
  Options options_;
  std::vector<model::System> systems_;
};

TEST_F(Build, BuildsWhatWasNeverBuiltAndNothingTwice) {
  const auto before = planned();
  ASSERT_EQ(before.size(), 1U);
  EXPECT_FALSE(before.front().up_to_date);
  EXPECT_EQ(before.front().reason, "never built here");
  EXPECT_FALSE(fs::exists(options_.output)) << "planning wrote into the project";

  const Built first = built();
  ASSERT_EQ(first.images.size(), 1U);
  EXPECT_TRUE(first.images.front().built);
  EXPECT_GT(first.images.front().size, 0U);

  const auto after = planned();
  EXPECT_TRUE(after.front().up_to_date);
  EXPECT_EQ(after.front().reason, "unchanged");
  EXPECT_EQ(after.front().digest, first.images.front().digest);
  const Built second = built();
  EXPECT_FALSE(second.images.front().built);
  EXPECT_EQ(second.images.front().digest, first.images.front().digest);
  EXPECT_EQ(second.images.front().size, first.images.front().size);
  EXPECT_EQ(second.stage.outcome, report::Outcome::unchanged);
}

TEST_F(Build, TellsWhichFileChangedAndMakesOnlyTheSourceLayerAnew) {
  const ImageManifest before = manifest(digest());
  folder_.write("project/source/train.py", "print('better')\n");
  EXPECT_EQ(planned().front().reason, "source changed: train.py");
  const ImageManifest after = manifest(digest());
  ASSERT_EQ(before.layers.size(), 2U);
  ASSERT_EQ(after.layers.size(), 2U);
  EXPECT_EQ(before.layers[0].digest, after.layers[0].digest);
  EXPECT_NE(before.layers[1].digest, after.layers[1].digest);
}

// The source is read once, for the plan; what is packed is checked against that.
TEST_F(Build, AFileThatChangesAfterThePlanIsFoundOut) {
  const auto plans = planned();
  folder_.write("project/source/train.py", "print('changed')\n");
  const Built result = build(*world_, plans, options_);
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_NE(result.errors.front().message.find("train.py changed while it was packed"), std::string::npos);
  EXPECT_TRUE(built().errors.empty());
}

TEST_F(Build, MakesAnewWhatIsCutOffOrMissing) {
  const std::string whole = digest();
  const ImageManifest image = manifest(whole);
  const ImageLayout layout(*world_, options_.output);
  // The base's layer is one file with the cache's.
  for (const std::string& blob : {image.layers[0].digest, image.layers[1].digest, image.config.digest, whole}) {
    for (const bool missing : {false, true}) {
      const fs::path file = layout.blob_path(blob).value();
      const auto size = fs::file_size(file);
      missing ? static_cast<void>(fs::remove(file)) : fs::resize_file(file, size / 2);
      EXPECT_EQ(planned().front().reason, "the image is damaged") << blob;
      EXPECT_EQ(digest(), whole);
      EXPECT_TRUE(layout.has_image(whole)) << blob;
      EXPECT_EQ(fs::file_size(file), size);
      EXPECT_TRUE(planned().front().up_to_date);
    }
  }
}

TEST_F(Build, TellsThatTheBaseChanged) {
  static_cast<void>(digest());
  folder_.write("root/etc/os-release", "NAME=Other");
  EXPECT_EQ(planned().front().reason, "base changed");
}

TEST_F(Build, ComesToTheSameDigestFromAnotherPlaceWithOtherTimesModesAndThreads) {
  folder_.write("project/source/data.bin", std::string(3'000'000, 'x') + "end");
  const std::string here = digest(1);

  const fs::path other = folder_.path() / "elsewhere/deep/source";
  fs::create_directories(other.parent_path());
  fs::copy(folder_.path() / "project/source", other, fs::copy_options::recursive);
  for (const auto& entry : fs::recursive_directory_iterator(other)) {
    fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(5000));
    ASSERT_EQ(::chmod(entry.path().c_str(), entry.is_directory() ? 0700 : 0600), 0);
  }
  image().source_folder = other;
  options_.output = folder_.path() / "elsewhere/images";
  options_.cache = folder_.path() / "other-cache";
  EXPECT_EQ(digest(8), here);
}

TEST_F(Build, NamesImagesByContentUnlessTheUserGaveATag) {
  const ImagePlan without_tag = planned().front();
  EXPECT_EQ(without_tag.name.tag, without_tag.content_key.substr(0, 16));
  image().name = "wine:v1";
  EXPECT_EQ(planned().front().name.tag, "v1");
  EXPECT_EQ(planned().front().content_key, without_tag.content_key);
}

TEST_F(Build, ATagOfTwoContentsIsToldAtItsPlace) {
  folder_.write("project/other/train.py", "print('other')\n");
  image().name = "wine:v1";
  systems_.push_back(systems_.front());
  systems_.back().file = "other/liminal.yml";
  EXPECT_TRUE(planned().back().findings.empty()) << "of one content, it is built once";
  systems_.back().images.front().source_folder = folder_.path() / "project/other";
  const auto plans = planned();
  EXPECT_TRUE(plans.front().findings.empty());
  ASSERT_EQ(plans.back().findings.size(), 1U);
  EXPECT_EQ(plans.back().findings.front().rule, "duplicate-object");
  EXPECT_EQ(plans.back().findings.front().message, "the image `wine:v1` is made of other content in `liminal.yml`");
}

TEST_F(Build, PutsTheRegistryBeforeNamesThatHaveNone) {
  options_.registry = "registry.example.org/team";
  EXPECT_EQ(planned().front().name.registry, "registry.example.org");
  EXPECT_EQ(planned().front().name.repository, "team/wine");
  image().name = "other.example.org/wine:v1";
  EXPECT_EQ(planned().front().name.text(), "other.example.org/wine:v1");
}

TEST_F(Build, ATagThatWasBuiltFromOtherContentIsBuiltAgain) {
  image().name = "wine:v1";
  const std::string before = digest();
  folder_.write("project/source/new.py", "");
  EXPECT_FALSE(planned().front().up_to_date);
  const std::string after = digest();
  EXPECT_NE(before, after);
  const auto images = ImageLayout(*world_, options_.output).images();
  ASSERT_TRUE(images);
  ASSERT_EQ(images->size(), 1U) << "a tag stands for one image";
  EXPECT_EQ(images->front().digest, after);
}

TEST_F(Build, BuildsAgainWhatLostABlob) {
  const std::string digest_before = digest();
  const std::string layer = manifest(digest_before).layers.back().digest.substr(7);
  fs::remove(options_.output / "blobs/sha256" / layer);
  EXPECT_EQ(planned().front().reason, "the image is damaged");
  EXPECT_EQ(digest(), digest_before);
  EXPECT_TRUE(fs::exists(options_.output / "blobs/sha256" / layer));
}

TEST_F(Build, BuildsOneImageForSystemsThatShareIt) {
  systems_.push_back(system("wine"));
  const Built result = built(4);
  ASSERT_EQ(result.images.size(), 2U);
  EXPECT_EQ(result.images[0].digest, result.images[1].digest);
  EXPECT_NE(result.images[0].plan.system, result.images[1].plan.system);
  EXPECT_EQ(result.stage.summary.substr(0, 8), "1 built,");
}

TEST_F(Build, PlansWithoutABaseThatCannotBeReachedAndFailsToBuild) {
  options_.bases.clear();
  const auto plans = planned();
  ASSERT_EQ(plans.size(), 1U);
  EXPECT_FALSE(plans.front().up_to_date);
  EXPECT_TRUE(plans.front().content_key.empty());
  EXPECT_NE(plans.front().reason.find("python:3.12-slim"), std::string::npos);
  const Built result = built();
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors.front().kind, ErrorKind::unavailable);
  EXPECT_NE(result.errors.front().advice.find("--base python:3.12-slim=rootfs:DIR"), std::string::npos);
  EXPECT_EQ(result.stage.outcome, report::Outcome::failed);
}

TEST_F(Build, OneImageThatCannotBeBuiltDoesNotStopTheOthers) {
  systems_.push_back(system("broken"));
  systems_.back().images.front().base = "nowhere:1";
  const Built result = built(4);
  EXPECT_EQ(result.errors.size(), 1U);
  ASSERT_EQ(result.images.size(), 1U);
  EXPECT_TRUE(result.images.front().built);
}

TEST_F(Build, LeavesOutWhatDockerignoreNames) {
  folder_.write("project/source/.dockerignore", "*.csv\nsecret\n!secret/public.txt\n");
  folder_.write("project/source/big.csv", "1,2");
  folder_.write("project/source/secret/key", "k");
  folder_.write("project/source/secret/public.txt", "p");
  const std::string with_them = digest();
  fs::remove(folder_.path() / "project/source/big.csv");
  fs::remove(folder_.path() / "project/source/secret/key");
  EXPECT_EQ(digest(), with_them) << "an ignored file changed the image";
  fs::remove(folder_.path() / "project/source/secret/public.txt");
  EXPECT_NE(digest(), with_them) << "a file that was taken back is in the image";
}

TEST_F(Build, RefusesALinkThatLeavesTheSource) {
  fs::create_symlink("/etc/passwd", folder_.path() / "project/source/link");
  world_.emplace(test_world_.world());
  const auto plans = plan(*world_, systems_, options_);
  ASSERT_FALSE(plans);
  EXPECT_EQ(plans.error().kind, ErrorKind::usage);
}

TEST_F(Build, SparkNeedsABaseOfTheUsers) {
  image().type = model::ImageType::spark;
  world_.emplace(test_world_.world());
  const auto plans = plan(*world_, systems_, options_);
  ASSERT_FALSE(plans);
  EXPECT_NE(plans.error().advice.find("base:"), std::string::npos);
  image().base = "python:3.12-slim";
  const std::string built_digest = digest();
  const auto config = ImageLayout(*world_, options_.output).config(manifest(built_digest));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->user, "0");
}

TEST_F(Build, ConfiguresTheContainer) {
  const auto config = [&] { return ImageLayout(*world_, options_.output).config(manifest(digest())); }();
  ASSERT_TRUE(config);
  EXPECT_EQ(config->working_directory, "/app");
  EXPECT_EQ(config->diff_ids.size(), 2U);
  EXPECT_EQ(config->json["history"].size(), 2U);
}

TEST_F(Build, NoCacheBuildsAgainToTheSameDigest) {
  const std::string before = digest();
  options_.no_cache = true;
  EXPECT_FALSE(planned().front().up_to_date);
  const Built result = built();
  ASSERT_EQ(result.images.size(), 1U);
  EXPECT_TRUE(result.images.front().built);
  EXPECT_EQ(result.images.front().digest, before);
}

TEST_F(Build, StopsWhenItIsInterrupted) {
  const auto plans = planned();
  test_world_.cancellation.request(2);
  const Built result = build(*world_, plans, options_);
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors.front().kind, ErrorKind::interrupted);
  EXPECT_FALSE(fs::exists(options_.output / "index.json"));
}

TEST_F(Build, TakesAnImageLayoutAsBase) {
  const std::string first = digest();
  options_.bases = {{"python:3.12-slim", "oci:" + options_.output.string()}};
  options_.output = folder_.path() / "second/images";
  const ImageManifest second = manifest(digest());
  EXPECT_EQ(second.layers.size(), 3U);
  EXPECT_EQ(second.annotations.at("org.opencontainers.image.base.digest"), first);
}

TEST_F(Build, FetchesAnImageThatOthersBuilt) {
  options_.bases = {{"busybox:1.36", "rootfs:" + (folder_.path() / "root").string()}};
  world_.emplace(test_world_.world());
  const auto fetched = fetch(*world_, "busybox:1.36", options_);
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_FALSE(fetched->built);
  const ImageLayout layout(*world_, options_.output);
  const auto found = layout.manifest(fetched->digest);
  ASSERT_TRUE(found);
  EXPECT_TRUE(layout.config(*found));
  EXPECT_TRUE(layout.has_blob(found->layers.front().digest));
}

}  // namespace
}  // namespace liminal::build
