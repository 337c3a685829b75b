#include "base_index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image_builder.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::build {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::TarBuilder;

std::string program(std::string_view version) {
  return std::string("ELF\0 noise 3.11.\0", 17) + std::string(version) + std::string("\0 more", 6);
}

class BaseIndexTest : public ::testing::Test {
 protected:
  Result<BaseIndex> index(const std::vector<std::string>& tars) {
    digest = testing::write_image(layout, tars, config_json);
    return again();
  }
  Result<BaseIndex> again() {
    const auto manifest = layout.manifest(digest);
    EXPECT_TRUE(manifest.has_value());
    config = layout.config(*manifest).value();
    return BaseIndex::of(world, layout, digest, *manifest, folder.path() / "cache");
  }
  PythonEnvironment python(const std::string& tar) {
    const auto found = index({tar});
    EXPECT_TRUE(found.has_value());
    const auto result = find_python(*found, config, "the-base");
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
    return result.value_or(PythonEnvironment{});
  }

  testing::TemporaryFolder folder;
  testing::TestWorld outside;
  World world = outside.world();
  ImageLayout layout{world, folder.path() / "layout"};
  Json config_json = {{"Env", {"PATH=/usr/local/bin:/usr/bin:/bin"}}};
  std::string digest;
  ImageConfig config;
};

TEST_F(BaseIndexTest, KnowsFilesFoldersAndLinksOfAllLayers) {
  const auto found = index({TarBuilder().directory("usr").file("usr/bin/sh", "").link("bin", "usr/bin").text(),
                            TarBuilder().file("bin/bash", "").file("./etc//passwd", "").text()});
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_TRUE(found->has("bin/sh"));
  EXPECT_TRUE(found->has("usr/bin/bash"));
  EXPECT_TRUE(found->has("/etc/passwd"));
  EXPECT_FALSE(found->has("etc/shadow"));
  EXPECT_TRUE(found->is_directory("usr/bin"));
  EXPECT_FALSE(found->is_directory("bin"));
  EXPECT_THAT(found->list("bin"), ElementsAre("bash", "sh"));
}

TEST_F(BaseIndexTest, FollowsLinksWithoutLeavingTheRoot) {
  const auto found = index({TarBuilder()
                                .link("a", "b/../c")
                                .link("c", "/d")
                                .link("up", "../../../../etc")
                                .link("loop", "loop2")
                                .link("loop2", "loop")
                                .file("etc/x", "")
                                .directory("b")
                                .text()});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->resolve("a/x"), "d/x");
  EXPECT_EQ(found->resolve("up/x"), "etc/x");
  EXPECT_EQ(found->resolve("../../etc/x"), "etc/x");
  EXPECT_FALSE(found->resolve("loop/x").empty());  // it ends
}

TEST_F(BaseIndexTest, WhiteoutsHideLowerLayersAlone) {
  const std::string lower = TarBuilder().file("a/x", "").file("a/d/y", "").file("o/old", "").file("f", "").text();
  const auto before = index({lower, TarBuilder()
                                        .file("a/.wh.x", "")
                                        .file("a/.wh.d", "")
                                        .file("o/.wh..wh..opq", "")
                                        .file("o/new", "")
                                        .file("f", "")
                                        .file(".wh.f", "")
                                        .text()});
  ASSERT_TRUE(before.has_value());
  EXPECT_FALSE(before->has("a/x"));
  EXPECT_FALSE(before->has("a/d/y"));
  EXPECT_FALSE(before->has("o/old"));
  EXPECT_TRUE(before->has("o/new"));
  EXPECT_TRUE(before->has("f"));
  const auto after = index({lower, TarBuilder().file("o/new", "").file("o/.wh..wh..opq", "").text()});
  EXPECT_TRUE(after->has("o/new"));
  EXPECT_FALSE(after->has("o/old"));
}

TEST_F(BaseIndexTest, IsKeptAndReadAgain) {
  const auto first = index({TarBuilder()
                                .file("usr/bin/python3.11", program("3.11.7"))
                                .file("lib/libc.so.6", "GNU C Library stable release version 2.36.\n")
                                .file("s/a-1.dist-info/RECORD", "a.py,sha256=0,1\n\"b,c\",,\nd/e,,\n")
                                .text()});
  ASSERT_TRUE(first.has_value());
  std::filesystem::remove_all(layout.folder() / "blobs/sha256" /
                              layout.manifest(digest)->layers.front().digest.substr(7));
  const auto second = again();
  ASSERT_TRUE(second.has_value());
  for (const BaseIndex& found : {*first, *second}) {
    EXPECT_EQ(found.glibc_minor(), 36);
    EXPECT_FALSE(found.has_musl());
    EXPECT_EQ(found.python_version(11), "3.11.7");
    EXPECT_EQ(found.python_version(12), "");
    EXPECT_THAT(found.record("s/a-1.dist-info/RECORD"), ElementsAre("a.py", "d/e"));
    EXPECT_THAT(found.record("s/other/RECORD"), IsEmpty());
  }
}

TEST_F(BaseIndexTest, ADamagedKeptIndexIsReadAnew) {
  ASSERT_TRUE(index({TarBuilder().file("a", "").text()}).has_value());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path() / "cache")) {
    if (entry.is_regular_file()) std::filesystem::resize_file(entry.path(), 10);
  }
  const auto found = again();
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->has("a"));
}

TEST_F(BaseIndexTest, ADamagedLayerIsAnError) {
  const auto found = index({"this is no tar " + std::string(2000, 'x')});
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().message, "cannot read a layer of the base image");
}

TEST_F(BaseIndexTest, FindsThePythonOfAnOfficialImage) {
  config_json = {{"Env", {"PATH=/usr/local/bin:/usr/local/sbin:/usr/bin", "PYTHON_VERSION=3.12.4"}}};
  const auto found = python(TarBuilder()
                                .file("usr/local/bin/python3.12", "", 0755)
                                .link("usr/local/bin/python3", "python3.12")
                                .file("usr/bin/python3.11", program("3.11.2"))
                                .link("usr/bin/python3", "python3.11")
                                .file("etc/debian_version", "12")
                                .file("usr/lib/x86_64-linux-gnu/libc.so.6", "release version 2.36")
                                .text());
  EXPECT_EQ(found.minor, 12);
  EXPECT_EQ(found.version, "3.12.4");
  EXPECT_EQ(found.interpreter, "/usr/local/bin/python3");
  EXPECT_EQ(found.site_packages, "usr/local/lib/python3.12/site-packages");
  EXPECT_EQ(found.scripts, "usr/local/bin");
  EXPECT_EQ(found.platform_tags.front(), "manylinux_2_36_x86_64");
  EXPECT_THAT(found.platform_tags, ::testing::IsSupersetOf({"manylinux2014_x86_64", "manylinux_2_17_x86_64",
                                                            "manylinux1_x86_64", "linux_x86_64"}));
  EXPECT_THAT(found.platform_tags, Not(::testing::Contains("manylinux_2_37_x86_64")));
}

TEST_F(BaseIndexTest, FindsDebiansPythonAndInstallsWhereAnAdministratorWould) {
  const auto found = python(TarBuilder()
                                .link("bin", "usr/bin")
                                .file("usr/bin/python3.11", program("3.11.2"))
                                .link("usr/bin/python3", "python3.11")
                                .directory("usr/lib/python3/dist-packages")
                                .text());
  EXPECT_EQ(found.version, "3.11.2");
  EXPECT_EQ(found.interpreter, "/usr/bin/python3");
  EXPECT_EQ(found.site_packages, "usr/local/lib/python3.11/dist-packages");
  EXPECT_EQ(found.scripts, "usr/local/bin");
  EXPECT_THAT(found.search_path,
              ElementsAre("usr/local/lib/python3.11/dist-packages", "usr/lib/python3/dist-packages"));
}

TEST_F(BaseIndexTest, FindsAPythonOfAnotherPlaceAndTheMuslOfAlpine) {
  config_json = {{"Env", {"PATH=/opt/conda/bin:/bin"}}};
  const auto found = python(TarBuilder()
                                .file("opt/conda/bin/python3.9", "")
                                .link("opt/conda/bin/python3", "python3.9")
                                .file("opt/conda/lib/libpython3.9.so.1.0", std::string("\0"
                                                                                       "3.9.18\0",
                                                                                       8))
                                .file("lib/ld-musl-x86_64.so.1", "")
                                .text());
  EXPECT_EQ(found.prefix, "opt/conda");
  EXPECT_EQ(found.site_packages, "opt/conda/lib/python3.9/site-packages");
  EXPECT_EQ(found.version, "3.9.18");
  EXPECT_THAT(found.platform_tags, ElementsAre("musllinux_1_2_x86_64", "musllinux_1_1_x86_64", "linux_x86_64"));
}

TEST_F(BaseIndexTest, SaysWhenThereIsNoPython) {
  const auto found = index({TarBuilder().file("bin/sh", "").link("usr/bin/python3", "missing").text()});
  ASSERT_TRUE(found.has_value());
  const auto none = find_python(*found, config, "the-base");
  ASSERT_FALSE(none.has_value());
  EXPECT_THAT(none.error().message, HasSubstr("the-base has no Python 3 in its PATH"));
}

}  // namespace
}  // namespace liminal::build
