#include "layer_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image_builder.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::build {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Bytes that deflate works on, the same everywhere.
std::string noise(std::size_t size) {
  std::string text;
  text.reserve(size);
  std::uint32_t state = 12345;
  while (text.size() < size) {
    state = state * 1664525U + 1013904223U;
    text += static_cast<char>('a' + (state >> 24U) % 16U);
  }
  return text;
}

class LayerWriterTest : public ::testing::Test {
 protected:
  std::unique_ptr<LayerWriter> writer(unsigned threads = 1) {
    world_.jobs = threads;
    EXPECT_TRUE(layout.prepare().has_value());
    auto made = LayerWriter::create(world_, layout);
    EXPECT_TRUE(made.has_value());
    return *std::move(made);
  }
  Layer sample(unsigned threads) {
    const auto layer = writer(threads);
    EXPECT_TRUE(layer->directory("app").has_value());
    EXPECT_TRUE(layer->file("app/big.txt", 0644, noise(5'000'000)).has_value());
    EXPECT_TRUE(layer->file("app/run.sh", 0755, "#!/bin/sh\n").has_value());
    EXPECT_TRUE(layer->link("app/run", "run.sh").has_value());
    const std::string deep(150, 'd');
    EXPECT_TRUE(layer->file("app/" + deep + "/" + deep, 0644, "long name").has_value());
    EXPECT_TRUE(layer->file("app/\xc3\xa9", 0644, "").has_value());
    const auto finished = layer->finish();
    EXPECT_TRUE(finished.has_value());
    return finished.value_or(Layer{});
  }
  std::size_t blobs() const {
    const auto folder_of_blobs = layout.folder() / "blobs" / "sha256";
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_of_blobs), {}));
  }

  testing::TemporaryFolder folder;
  testing::TestWorld outside;
  World world_ = outside.world();
  ImageLayout layout{world_, folder.path() / "layout"};
};

// The digest of a tar is a promise to everyone who compares images: whoever changes it changes `layers_version`.
TEST_F(LayerWriterTest, StopsWithinAFileWhenItIsInterrupted) {
  const auto layer = writer();
  ASSERT_TRUE(layer->begin_file("big", 0644, 8));
  ASSERT_TRUE(layer->data("half"));
  outside.cancellation.request(2);
  const Status rest = layer->data("half");
  ASSERT_FALSE(rest);
  EXPECT_EQ(rest.error().kind, ErrorKind::interrupted);
}

TEST_F(LayerWriterTest, ATarHasTheBytesThatItAlwaysHad) {
  EXPECT_EQ(sample(1).diff_id, "sha256:f54cba461a9abbe6fe6a0c8f050e4a0ec4e15b70ad006d30a25dbf2a22b1702c");
}

// The same of the compressed bytes, for the compressor that the release is linked with.
TEST_F(LayerWriterTest, ACompressedLayerHasTheBytesThatItAlwaysHad) {
  if (compressor_id() != "gzip-zlib-1.2.13-level1-block1M") {
    GTEST_FAIL() << "another compressor, " << compressor_id() << ": every layer's digest changes with it";
  }
  EXPECT_EQ(sample(1).blob.digest, "sha256:1e485479927eafcd68d4904f49cd2d6e38dc82c1cb561ce765fc6f6618306972");
}

TEST_F(LayerWriterTest, TheBytesDoNotHangOnTheNumberOfThreads) {
  const Layer one = sample(1);
  for (const unsigned threads : {2U, 3U, 8U}) {
    const Layer other = sample(threads);
    EXPECT_EQ(other.blob.digest, one.blob.digest) << threads;
    EXPECT_EQ(other.diff_id, one.diff_id) << threads;
  }
  EXPECT_EQ(blobs(), 1U);
}

TEST_F(LayerWriterTest, WhatWasWrittenIsRead) {
  const auto entries = testing::read_layer(layout, sample(2).blob.digest);
  const std::string deep(150, 'd');
  EXPECT_THAT(testing::summary(entries),
              ElementsAre("d 755 app", "f 644 app/big.txt", "f 755 app/run.sh", "l app/run -> run.sh",
                          "f 644 app/" + deep + "/" + deep, "f 644 app/\xc3\xa9"));
  EXPECT_EQ(entries[1].content, noise(5'000'000));
  for (const auto& read : entries) {
    EXPECT_EQ(read.entry.modified, archive_time);
    EXPECT_EQ(read.entry.owner + read.entry.group, 0U);
  }
}

TEST_F(LayerWriterTest, TheDescriptorTellsTheBlob) {
  const Layer layer = sample(1);
  EXPECT_EQ(layer.blob.media_type, "application/vnd.oci.image.layer.v1.tar+gzip");
  EXPECT_EQ(layer.blob.size, std::filesystem::file_size(*layout.blob_path(layer.blob.digest)));
}

TEST_F(LayerWriterTest, AFileThatIsNotAsItWasHashedIsAnError) {
  const auto file = folder.write("file", "content");
  const auto pack = [&](std::uint64_t size, const std::string& hash) {
    const auto layer = writer();
    return layer->file_from("file", 0644, size, file, hash);
  };
  EXPECT_TRUE(pack(7, sha256_hex("content")).has_value());
  EXPECT_TRUE(pack(7, "").has_value());
  for (const auto& [size, hash] : {std::pair{6, ""}, std::pair{8, ""}, std::pair{7, "00"}}) {
    const auto packed = pack(static_cast<std::uint64_t>(size), hash);
    ASSERT_FALSE(packed.has_value());
    EXPECT_THAT(packed.error().message, HasSubstr("changed while it was packed"));
  }
  EXPECT_FALSE(writer()->file_from("file", 0644, 7, folder.path() / "missing", "").has_value());
}

TEST_F(LayerWriterTest, ALayerThatIsGivenUpLeavesNothing) {
  {
    const auto layer = writer();
    EXPECT_TRUE(layer->file("a", 0644, noise(3'000'000)).has_value());
  }
  EXPECT_EQ(blobs(), 0U);
}

}  // namespace
}  // namespace liminal::build
