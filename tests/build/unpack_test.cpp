#include "liminal/build/unpack.hpp"

#include <fstream>
#include <iterator>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image_builder.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::build {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TarBuilder;

class Unpack : public ::testing::Test {
 protected:
  Status unpack_layers(const std::vector<std::string>& tars) {
    return unpack_image(testing::write_image(layout, tars));
  }
  Status unpack_image(const std::string& digest) {
    return unpack(world, layout.folder(), digest, folder.path() / "root");
  }
  // The causes are where the detail is.
  static std::string text_of(const Status& status) {
    if (status) return "no error";
    std::string text = status.error().message;
    for (const std::string& cause : status.error().causes) text += ": " + cause;
    return text;
  }
  [[nodiscard]] fs::path root(const std::string& path) const { return folder.path() / "root" / path; }
  [[nodiscard]] std::string content(const std::string& path) const {
    std::ifstream file(root(path), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] unsigned mode(const std::string& path) const {
    struct stat status {};
    EXPECT_EQ(::lstat(root(path).c_str(), &status), 0) << path;
    return status.st_mode & 07777U;
  }
  [[nodiscard]] std::vector<std::string> names(const std::string& path) const {
    std::vector<std::string> list;
    for (const auto& entry : fs::directory_iterator(root(path))) list.push_back(entry.path().filename().string());
    std::sort(list.begin(), list.end());
    return list;
  }
  // Nothing but the layout and what was asked for.
  [[nodiscard]] bool is_clean() const {
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      const auto name = entry.path().filename();
      if (name != "layout" && name != "root" && name != "root.lock" && name != "outside") return false;
    }
    return true;
  }

  testing::TemporaryFolder folder;
  testing::TestWorld outside;
  World world = outside.world();
  ImageLayout layout{world, folder.path() / "layout"};
};

TEST_F(Unpack, MakesNoDevicesAndNothingForOtherUsersOfTheMachine) {
  fs::permissions(folder.path(), fs::perms{0755});
  const auto status = unpack_layers({TarBuilder()
                                         .other(TarEntry::Kind::block_device, "disk")
                                         .other(TarEntry::Kind::character_device, "null")
                                         .file("evil", "x", 04755)
                                         .text()});
  ASSERT_TRUE(status.has_value()) << text_of(status);
  EXPECT_THAT(names(""), ElementsAre("evil"));
  EXPECT_EQ(mode("evil"), 04755U) << "for its containers";
  EXPECT_EQ(mode(".."), 0700U);
}

TEST_F(Unpack, PathsOfThousandsOfPartsAreRefused) {
  std::string path;
  for (int i = 0; i < 1000; ++i) path += "a/";
  const auto status = unpack_layers({TarBuilder().file(path + "x", "").text()});
  EXPECT_THAT(text_of(status), HasSubstr("a path is longer than any system takes"));
}

TEST_F(Unpack, LaysLayersOverOneAnother) {
  const auto status =
      unpack_layers({TarBuilder().directory("a").file("a/x", "one").file("a/y", "old").link("z", "a/x").text(),
                     TarBuilder().file("a/y", "new", 0755).hard_link("hard", "a/x").text()});
  ASSERT_TRUE(status.has_value()) << text_of(status);
  EXPECT_EQ(content("a/y"), "new");
  EXPECT_EQ(content("z"), "one");
  EXPECT_EQ(content("hard"), "one");
  EXPECT_EQ(mode("a/y"), 0755U);
  EXPECT_EQ(fs::hard_link_count(root("a/x")), 2U);
}

TEST_F(Unpack, ModesDoNotHangOnTheUmask) {
  const auto before = ::umask(077);
  const auto status = unpack_layers({TarBuilder()
                                         .directory(".", 0755)
                                         .file("made/by/nobody", "")
                                         .directory("own", 01777)
                                         .file("s", "", 04755)
                                         .text()});
  ::umask(before);
  ASSERT_TRUE(status.has_value()) << text_of(status);
  EXPECT_EQ(mode(""), 0755U);
  EXPECT_EQ(mode("made"), 0755U);
  EXPECT_EQ(mode("made/by"), 0755U);
  EXPECT_EQ(mode("own"), 01777U);
  EXPECT_EQ(mode("s"), 04755U);
}

TEST_F(Unpack, TheRootHasTheModeThatALayerSays) {
  ASSERT_TRUE(unpack_layers({TarBuilder().directory("./", 0711).file("x", "").text()}).has_value());
  EXPECT_EQ(mode(""), 0711U);
}

TEST_F(Unpack, WhiteoutsHideLowerLayers) {
  const auto status = unpack_layers(
      {TarBuilder().directory("a").file("a/x", "").directory("a/b").file("a/b/y", "").file("keep", "").text(),
       TarBuilder().file("a/.wh.x", "").file("a/.wh.b", "").file(".wh.missing", "").text()});
  ASSERT_TRUE(status.has_value()) << text_of(status);
  EXPECT_THAT(names("a"), IsEmpty());
  EXPECT_THAT(names(""), ElementsAre("a", "keep"));
}

TEST_F(Unpack, AWhiteoutLeavesWhatItsOwnLayerHas) {
  for (const bool first : {true, false}) {
    TarBuilder upper;
    if (first) upper.file("a/.wh..wh..opq", "").file(".wh.f", "").file(".wh.d", "");
    upper.directory("a").file("a/new", "").file("a/deep/new", "").file("f", "new").directory("d").file("d/new", "");
    if (!first) upper.file("a/.wh..wh..opq", "").file(".wh.f", "").file(".wh.d", "");
    const auto status =
        unpack_layers({TarBuilder().file("a/old", "").file("a/deep/old", "").file("f", "old").file("d/old", "").text(),
                       upper.text()});
    ASSERT_TRUE(status.has_value()) << text_of(status);
    EXPECT_THAT(names("a"), ElementsAre("deep", "new")) << first;
    EXPECT_THAT(names("a/deep"), ElementsAre("new")) << first;
    EXPECT_THAT(names("d"), ElementsAre("new")) << first;
    EXPECT_EQ(content("f"), "new") << first;
    fs::remove_all(root(""));
  }
}

TEST_F(Unpack, OneKindTakesTheOthersPlace) {
  const auto status =
      unpack_layers({TarBuilder().file("d/x", "").file("f", "").link("l", "d").text(),
                     TarBuilder().file("d", "file now").directory("f").file("f/y", "").directory("l").text()});
  ASSERT_TRUE(status.has_value()) << text_of(status);
  EXPECT_EQ(content("d"), "file now");
  EXPECT_THAT(names("f"), ElementsAre("y"));
  EXPECT_TRUE(fs::is_directory(fs::symlink_status(root("l"))));
}

TEST_F(Unpack, WritesBelowALinkInsideTheImage) {
  const auto status =
      unpack_layers({TarBuilder().directory("usr/lib").link("lib", "usr/lib").link("abs", "/usr").text(),
                     TarBuilder().file("lib/x", "x").file("abs/lib/y", "y").text()});
  ASSERT_TRUE(status.has_value()) << text_of(status);
  EXPECT_EQ(content("usr/lib/x"), "x");
  EXPECT_EQ(content("usr/lib/y"), "y");
  EXPECT_TRUE(fs::is_symlink(root("lib")));
}

TEST_F(Unpack, WritesNothingOutside) {
  folder.write("outside/kept", "kept");
  const std::string out = (folder.path() / "outside").string();
  // Names that climb are refused; names that begin at the root begin at the image's.
  EXPECT_THAT(text_of(unpack_layers({TarBuilder().file("../outside/evil", "").text()})), HasSubstr("`..`"));
  EXPECT_THAT(text_of(unpack_layers({TarBuilder().file("a/../../outside/evil", "").text()})), HasSubstr("`..`"));
  EXPECT_THAT(text_of(unpack_layers({TarBuilder().hard_link("x", "../outside/kept").text()})), HasSubstr("`..`"));
  EXPECT_THAT(text_of(unpack_layers({TarBuilder().file(".wh...", "").text()})), HasSubstr("whiteout names nothing"));
  EXPECT_TRUE(unpack_layers({TarBuilder().file(out + "/evil", "inside").text()}).has_value());
  fs::remove_all(root(""));
  // Links out of it are read as the container would read them.
  for (const std::string& target : {out, std::string("../outside"), std::string("../../../../../../../..") + out}) {
    (void)unpack_layers({TarBuilder().link("l", target).file("l/evil", "").text()});
    (void)unpack_layers({TarBuilder().link("l", target).file("l/.wh.kept", "").text()});
    (void)unpack_layers({TarBuilder().link("l", target).file("l/.wh..wh..opq", "").text()});
    (void)unpack_layers({TarBuilder().link("l", target).hard_link("x", "l/kept").text()});
    (void)unpack_layers({TarBuilder().link("l", target).directory("l", 0700).text()});
    (void)unpack_layers({TarBuilder().link("l", target + "/kept").file("l", "evil", 0777).text()});
    fs::remove_all(root(""));
  }
  EXPECT_TRUE(is_clean());
  std::vector<std::string> kept;
  for (const auto& entry : fs::directory_iterator(folder.path() / "outside")) kept.push_back(entry.path().filename());
  EXPECT_THAT(kept, ElementsAre("kept"));
  EXPECT_EQ(fs::hard_link_count(folder.path() / "outside/kept"), 1U);
  EXPECT_EQ(fs::file_size(folder.path() / "outside/kept"), 4U);
}

TEST_F(Unpack, AHardLinkToALinkIsTheLink) {
  folder.write("outside/kept", "kept");
  const auto status = unpack_layers(
      {TarBuilder().link("l", (folder.path() / "outside/kept").string()).hard_link("h", "l").file("h", "evil").text()});
  ASSERT_TRUE(status.has_value()) << text_of(status);
  EXPECT_EQ(fs::file_size(folder.path() / "outside/kept"), 4U);
}

TEST_F(Unpack, AppearsWholeOrNotAtAll) {
  const std::string digest =
      testing::write_image(layout, {TarBuilder().file("a", std::string(100'000, 'a')).file("b", "").text()});
  const auto manifest = layout.manifest(digest);
  const auto blob = layout.blob_path(manifest->layers.front().digest);
  const auto size = fs::file_size(*blob);
  for (const auto cut : {std::uintmax_t{0}, std::uintmax_t{5}, size / 2, size - 1}) {
    fs::resize_file(*blob, cut);
    EXPECT_FALSE(unpack_image(digest).has_value()) << cut;
    EXPECT_FALSE(fs::exists(root("")));
    EXPECT_TRUE(is_clean());
  }
}

TEST_F(Unpack, KeepsWhatWasUnpackedBefore) {
  const std::string digest = testing::write_image(layout, {TarBuilder().file("a", "a").text()});
  ASSERT_TRUE(unpack_image(digest).has_value());
  fs::remove_all(layout.folder());
  EXPECT_TRUE(unpack_image(digest).has_value());
  EXPECT_EQ(content("a"), "a");
}

TEST_F(Unpack, StartsAfreshAfterAKilledRun) {
  folder.write("root.partial/left", "over");
  ASSERT_TRUE(unpack_layers({TarBuilder().file("a", "a").text()}).has_value());
  EXPECT_THAT(names(""), ElementsAre("a"));
  EXPECT_TRUE(is_clean());
}

TEST_F(Unpack, StopsWhenItIsInterrupted) {
  outside.cancellation.request(15);
  const auto status = unpack_layers({TarBuilder().file("a", "a").text()});
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, ErrorKind::interrupted);
  EXPECT_TRUE(is_clean());
}

TEST_F(Unpack, StopsWithinALayer) {
  TarBuilder layer;
  for (int i = 0; i < 3000; ++i) layer.file("f" + std::to_string(i), "");
  const std::string digest = testing::write_image(layout, {layer.file("big", std::string(32U << 20U, '\0')).text()});
  // The request is made while it works; one that came too late is made again.
  for (int attempt = 0; attempt < 20; ++attempt) {
    Cancellation cancellation;
    const World stopped{outside.files,       outside.processes, outside.http, outside.clock,
                        outside.environment, outside.progress,  cancellation, 1};
    std::jthread later([&](const std::stop_token& ended) {
      while (!ended.stop_requested() && !fs::exists(folder.path() / "root.partial/f0")) std::this_thread::yield();
      cancellation.request(2);
    });
    const auto status = unpack(stopped, layout.folder(), digest, folder.path() / "root");
    later.request_stop();
    if (!status) {
      EXPECT_EQ(status.error().kind, ErrorKind::interrupted);
      EXPECT_TRUE(is_clean());
      return;
    }
    fs::remove_all(root(""));
  }
  ADD_FAILURE() << "the whole layer was unpacked each time";
}

TEST_F(Unpack, ADamagedLayerIsToldWithWhatToDo) {
  const std::string digest = testing::write_image(layout, {TarBuilder().file("a", std::string(5000, 'a')).text()});
  const auto blob = layout.blob_path(layout.manifest(digest)->layers.front().digest);
  fs::resize_file(*blob, 20);
  const auto status = unpack_image(digest);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().advice, HasSubstr("build --no-cache"));
}

TEST_F(Unpack, ReadsLayersThatAreNotCompressedAndRefusesOthers) {
  const std::string tar = TarBuilder().file("a", "plain").text();
  const auto layer = layout.prepare() ? layout.write_blob("application/vnd.oci.image.layer.v1.tar", tar) : Descriptor{};
  const auto config = layout.write_blob("application/vnd.oci.image.config.v1+json", "{}");
  const Json manifest = {{"config", {{"digest", config->digest}}}, {"layers", {{{"digest", layer->digest}}}}};
  const auto digest = layout.write_blob("", manifest.dump())->digest;
  ASSERT_TRUE(unpack_image(digest).has_value());
  EXPECT_EQ(content("a"), "plain");
  fs::remove_all(root(""));
  EXPECT_FALSE(
      unpack_layers({"no tar at all, but long enough to fill a header " + std::string(1000, 'x')}).has_value());
  EXPECT_FALSE(unpack_image("sha256:" + std::string(64, '0')).has_value());
  EXPECT_FALSE(unpack_image("../../etc/passwd").has_value());
}

}  // namespace
}  // namespace liminal::build
