#include "base_image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image_builder.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::build {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TarBuilder;

class BaseImageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options.cache = folder.path() / "cache";
    outside.clock.set(std::chrono::ceil<std::chrono::milliseconds>(std::chrono::system_clock::now()) +
                      std::chrono::seconds(100));
  }
  std::vector<std::string> content(const BaseImage& base) {
    const ImageLayout layout(world, base.layout);
    std::vector<std::string> lines;
    const auto manifest = layout.manifest(base.digest);
    EXPECT_TRUE(manifest.has_value());
    for (const Descriptor& layer : manifest->layers) {
      for (auto& line : testing::summary(testing::read_layer(layout, layer.digest))) lines.push_back(line);
    }
    return lines;
  }

  testing::TemporaryFolder folder;
  testing::TestWorld outside;
  World world = outside.world();
  Options options;
};

TEST_F(BaseImageTest, ARootFileSystemIsAnImageOfOneLayer) {
  folder.write("root/usr/bin/tool", "x");
  fs::permissions(folder.path() / "root/usr/bin/tool", fs::perms(0755));
  fs::create_symlink("usr/bin", folder.path() / "root/bin");
  fs::create_symlink("/outside", folder.path() / "root/absolute");
  folder.write("root/proc/1/status", "of this machine");
  folder.write("root/run/pid", "");
  options.bases["python:3.11-slim"] = "rootfs:" + (folder.path() / "root").string();
  const auto base = find_base(world, "python:3.11-slim", options);
  ASSERT_TRUE(base.has_value()) << base.error().message;
  EXPECT_THAT(content(*base), ElementsAre("l absolute -> /outside", "l bin -> usr/bin", "d 755 proc", "d 755 run",
                                          "d 755 usr", "d 755 usr/bin", "f 755 usr/bin/tool"));
}

TEST_F(BaseImageTest, TheSameRootFileSystemIsTheSameBaseInAnotherPlace) {
  for (const char* name : {"one", "two"}) folder.write(std::string(name) + "/etc/x", "content");
  const auto at = [&](const char* name) {
    options.bases["b"] = "rootfs:" + (folder.path() / name).string();
    return std::pair(base_identity(world, "b", options).value(), find_base(world, "b", options)->digest);
  };
  const auto first = at("one");
  EXPECT_EQ(at("two"), first);
  folder.write("two/etc/x", "changed");
  EXPECT_NE(at("two").first, first.first);
  EXPECT_NE(at("two").second, first.second);
}

TEST_F(BaseImageTest, ALayoutWithOneImageNeedsNoName) {
  ImageLayout layout(world, folder.path() / "layout");
  const std::string digest = testing::write_image(layout, {TarBuilder().file("a", "").text()});
  ASSERT_TRUE(layout.put_image({"application/vnd.oci.image.manifest.v1+json", digest, 1, {}, {}}, "one:1").has_value());
  options.bases["b"] = "oci:" + layout.folder().string();
  EXPECT_EQ(base_identity(world, "b", options).value(), digest);
  options.bases["b"] = "oci:" + layout.folder().string() + ":one:1";
  EXPECT_EQ(find_base(world, "b", options)->digest, digest);
  options.bases["b"] = "oci:" + layout.folder().string() + ":other";
  EXPECT_FALSE(find_base(world, "b", options).has_value());
  ASSERT_TRUE(layout.put_image({"application/vnd.oci.image.manifest.v1+json", digest, 1, {}, {}}, "two").has_value());
  options.bases["b"] = "oci:" + layout.folder().string();
  const auto two = find_base(world, "b", options);
  ASSERT_FALSE(two.has_value());
  EXPECT_THAT(two.error().message, HasSubstr("holds 2 images"));
}

TEST_F(BaseImageTest, AFileChoosesNoFolderOfTheMachine) {
  folder.write("root/etc/secret", "x");
  for (const std::string& name : {"rootfs:" + (folder.path() / "root").string(), std::string("oci:/etc")}) {
    const auto base = find_base(world, name, options);
    ASSERT_FALSE(base.has_value()) << name;
    EXPECT_EQ(base.error().kind, ErrorKind::usage);
    EXPECT_THAT(base.error().message, HasSubstr("which no file may choose"));
    EXPECT_FALSE(base_identity(world, name, options).has_value()) << name;
    EXPECT_FALSE(fetch(world, name, options).has_value()) << name;
  }
}

TEST_F(BaseImageTest, WhatIsNotThereIsNamed) {
  options.bases["b"] = "rootfs:" + (folder.path() / "missing").string();
  EXPECT_FALSE(find_base(world, "b", options).has_value());
  options.bases["b"] = "oci:" + (folder.path() / "missing").string();
  const auto layout = find_base(world, "b", options);
  ASSERT_FALSE(layout.has_value());
  EXPECT_THAT(layout.error().message, HasSubstr((folder.path() / "missing").string()));
  EXPECT_THAT(layout.error().message, HasSubstr("is not there"));
}

}  // namespace
}  // namespace liminal::build
