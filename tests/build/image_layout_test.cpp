#include "liminal/build/image_layout.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/sha256.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::build {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ImageLayoutTest : public ::testing::Test {
 protected:
  std::vector<std::string> names() {
    std::vector<std::string> list;
    const auto images = layout.images();
    EXPECT_TRUE(images.has_value());
    for (const Descriptor& image : *images) list.push_back(image.annotations.at("org.opencontainers.image.ref.name"));
    return list;
  }

  testing::TemporaryFolder folder;
  testing::TestWorld outside;
  World world = outside.world();
  ImageLayout layout{world, folder.path() / "project/.liminal/images"};
};

TEST_F(ImageLayoutTest, IsMadeAsTheSpecificationSaysAndStaysOutOfGit) {
  ASSERT_TRUE(layout.prepare().has_value());
  EXPECT_EQ(*world.files.read(layout.folder() / "oci-layout"), R"({"imageLayoutVersion":"1.0.0"})");
  EXPECT_EQ(*world.files.read(folder.path() / "project/.liminal/.gitignore"), "*\n");
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(ImageLayoutTest, ClearsAwayWhatAKilledProgramLeftLongAgo) {
  ASSERT_TRUE(layout.prepare().has_value());
  const auto blob = layout.write_blob("text/plain", "content");
  const fs::path blobs = layout.folder() / "blobs/sha256";
  for (const char* name : {".partial-old", ".partial-new"}) {
    folder.write("project/.liminal/images/blobs/sha256/" + std::string(name), "half");
  }
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(48);
  fs::last_write_time(blobs / ".partial-old", long_ago);
  fs::last_write_time(*layout.blob_path(blob->digest), long_ago);
  outside.clock.set(std::chrono::ceil<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  ASSERT_TRUE(layout.prepare().has_value());
  EXPECT_FALSE(fs::exists(blobs / ".partial-old"));
  EXPECT_TRUE(fs::exists(blobs / ".partial-new"));
  EXPECT_TRUE(layout.has_blob(blob->digest));
}

TEST_F(ImageLayoutTest, ABlobIsNamedByItsContent) {
  const auto blob = layout.write_blob("text/plain", "content");
  ASSERT_TRUE(blob.has_value());
  EXPECT_EQ(blob->digest, "sha256:" + sha256_hex("content"));
  EXPECT_EQ(blob->size, 7U);
  EXPECT_TRUE(layout.has_blob(blob->digest));
  EXPECT_EQ(*layout.read_blob(blob->digest), "content");
}

TEST_F(ImageLayoutTest, ABlobWithOtherContentIsNotRead) {
  const auto blob = layout.write_blob("text/plain", "content");
  folder.write("project/.liminal/images/blobs/sha256/" + blob->digest.substr(7), "changed");
  const auto read = layout.read_blob(blob->digest);
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().message, HasSubstr("does not have the content its name says"));
}

TEST_F(ImageLayoutTest, OnlyDigestsNameBlobs) {
  for (const std::string digest : {"", "sha256:", "sha256:../../../../etc/passwd", "md5:00", "sha512:00"}) {
    EXPECT_FALSE(layout.blob_path(digest).has_value()) << digest;
    EXPECT_FALSE(layout.has_blob(digest));
    EXPECT_FALSE(layout.read_blob(digest).has_value());
  }
  EXPECT_FALSE(layout.blob_path("sha256:" + std::string(64, 'A')).has_value());
  EXPECT_FALSE(layout.blob_path("sha256:" + std::string(63, 'a') + "/").has_value());
  EXPECT_TRUE(layout.blob_path("sha256:" + std::string(64, 'a')).has_value());
}

TEST_F(ImageLayoutTest, TakesOverAFile) {
  const auto file = folder.write("blob", "content");
  const Descriptor blob{"text/plain", "sha256:" + sha256_hex("content"), 7, {}, {}};
  ASSERT_TRUE(layout.add_blob_file(blob, file).has_value());
  EXPECT_EQ(*layout.read_blob(blob.digest), "content");
  EXPECT_TRUE(layout.add_blob_file(blob, folder.path() / "missing").has_value());  // it is there already
}

TEST_F(ImageLayoutTest, ANameStandsForTheLatestImage) {
  const auto first = layout.write_blob("application/vnd.oci.image.manifest.v1+json", "{}");
  const auto second = layout.write_blob("application/vnd.oci.image.manifest.v1+json", "{ }");
  ASSERT_TRUE(layout.put_image(*first, "a:1").has_value());
  ASSERT_TRUE(layout.put_image(*first, "b:1").has_value());
  ASSERT_TRUE(layout.put_image(*second, "a:1").has_value());
  EXPECT_THAT(names(), ElementsAre("b:1", "a:1"));
  EXPECT_EQ(layout.images()->back().digest, second->digest);
}

TEST_F(ImageLayoutTest, SeveralMayNameImagesAtOnce) {
  const auto blob = layout.write_blob("application/vnd.oci.image.manifest.v1+json", "{}");
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] { EXPECT_TRUE(layout.put_image(*blob, "image:" + std::to_string(i)).has_value()); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(names().size(), 8U);
}

TEST_F(ImageLayoutTest, DamagedDocumentsAreErrors) {
  folder.write("project/.liminal/images/index.json", "{ not JSON");
  EXPECT_FALSE(layout.images().has_value());
  folder.write("project/.liminal/images/index.json", R"({"manifests": [1, {"digest": 5}, {}]})");
  EXPECT_TRUE(layout.images().has_value());
  for (const char* text : {"", "[]", "{}", R"({"config": {}, "layers": {}})", R"({"layers": []})", "\xff"}) {
    EXPECT_FALSE(parse_manifest(text).has_value()) << text;
  }
  EXPECT_TRUE(parse_manifest(R"({"config": 1, "layers": [2, {"size": -1, "digest": null}]})").has_value());
}

TEST_F(ImageLayoutTest, ReadsAConfigurationWhateverIsMissing) {
  const auto whole = parse_config(R"({"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": ["sha256:0"]},
    "config": {"Env": ["A=1", 2], "Entrypoint": ["/init"], "Cmd": null, "WorkingDir": "/w", "User": "7",
               "Labels": {"a": "b", "c": 1}}})");
  ASSERT_TRUE(whole.has_value());
  EXPECT_THAT(whole->environment, ElementsAre("A=1"));
  EXPECT_THAT(whole->entrypoint, ElementsAre("/init"));
  EXPECT_THAT(whole->command, IsEmpty());
  EXPECT_EQ(whole->working_directory, "/w");
  EXPECT_EQ(whole->user, "7");
  EXPECT_EQ(whole->labels.size(), 1U);
  EXPECT_THAT(whole->diff_ids, ElementsAre("sha256:0"));
  EXPECT_TRUE(parse_config("{}").has_value());
  EXPECT_FALSE(parse_config("3").has_value());
}

TEST_F(ImageLayoutTest, ADamagedIndexIsToldWithWhatToDo) {
  ASSERT_TRUE(layout.prepare().has_value());
  folder.write("project/.liminal/images/index.json", "{\"manifests\": [");
  const auto images = layout.images();
  ASSERT_FALSE(images.has_value());
  EXPECT_THAT(images.error().message, HasSubstr("index.json is not a JSON object"));
  EXPECT_THAT(images.error().advice, HasSubstr("remove that file"));
  EXPECT_FALSE(layout.put_image({}, "name").has_value());
}

TEST_F(ImageLayoutTest, ABlobThatIsCutOffIsNotWholeAndIsWrittenAnew) {
  ASSERT_TRUE(layout.prepare().has_value());
  const auto blob = layout.write_blob("text/plain", "content");
  fs::resize_file(*layout.blob_path(blob->digest), 3);
  EXPECT_FALSE(layout.has_whole(*blob));
  ASSERT_TRUE(layout.write_blob("text/plain", "content").has_value());
  EXPECT_TRUE(layout.has_whole(*blob));
  fs::resize_file(*layout.blob_path(blob->digest), 3);
  folder.write("whole", "content");
  ASSERT_TRUE(layout.add_blob_file(*blob, folder.path() / "whole").has_value());
  EXPECT_EQ(*layout.read_blob(blob->digest), "content");
}

}  // namespace
}  // namespace liminal::build
