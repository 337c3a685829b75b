#include "requirements_layer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "image_builder.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"
#include "wheel_builder.hpp"

namespace liminal::build {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TarBuilder;
using testing::WheelBuilder;

const std::string site = "usr/local/lib/python3.11/site-packages";

TarBuilder python_base() {
  TarBuilder tar;
  tar.directory("usr").directory("usr/local").directory("usr/local/bin").directory("usr/local/share");
  tar.file("usr/local/bin/python3.11",
           std::string("\0"
                       "3.11.9\0",
                       8),
           0755)
      .link("usr/local/bin/python3", "python3.11");
  tar.directory("usr/local/lib").directory("usr/local/lib/python3.11").directory(site);
  tar.link("usr/local/man", "share/man");
  return tar;
}

class RequirementsLayer : public ::testing::Test {
 protected:
  void base(TarBuilder tar) { base_digest = testing::write_image(layout, {tar.text()}); }
  void wheel(const WheelBuilder& builder) {
    const std::string text = builder.text();
    wheels.push_back({folder.write(builder.file_name(), text), builder.file_name(), sha256_hex(text)});
  }
  Result<std::optional<Layer>> write(unsigned threads = 1) {
    const World world = outside.world(threads);
    const auto manifest = layout.manifest(base_digest);
    const auto config = layout.config(*manifest);
    const auto index = BaseIndex::of(world, layout, base_digest, *manifest, folder.path() / "cache");
    EXPECT_TRUE(index.has_value());
    python = find_python(*index, *config, "base").value();
    return write_requirements_layer(world, layout, *index, python, wheels);
  }
  std::vector<std::string> entries() {
    const auto layer = write();
    if (!layer) return {"error: " + layer.error().message};
    if (!*layer) return {};
    return testing::summary(testing::read_layer(layout, (*layer)->blob.digest));
  }

  testing::TemporaryFolder folder;
  testing::TestWorld outside;
  World layout_world = outside.world();
  ImageLayout layout{layout_world, folder.path() / "layout"};
  std::string base_digest;
  std::vector<Wheel> wheels;
  PythonEnvironment python;
};

TEST_F(RequirementsLayer, NoWheelsAreNoLayer) {
  base(python_base());
  const auto layer = write();
  ASSERT_TRUE(layer.has_value());
  EXPECT_FALSE(layer->has_value());
}

TEST_F(RequirementsLayer, HoldsAllWheelsInOneOrderWithTheFoldersThatTheBaseLacks) {
  base(python_base());
  wheel(WheelBuilder("zoo", "1").file("shared/b.py", "b"));
  wheel(WheelBuilder("app", "1").file("shared/a.py", "a").file("app-1.data/data/share/x/y.txt", ""));
  EXPECT_THAT(entries(),
              ElementsAre("d 755 " + site + "/app-1.dist-info", "f 644 " + site + "/app-1.dist-info/INSTALLER",
                          "f 644 " + site + "/app-1.dist-info/METADATA", "f 644 " + site + "/app-1.dist-info/RECORD",
                          "f 644 " + site + "/app-1.dist-info/WHEEL", "d 755 " + site + "/shared",
                          "f 644 " + site + "/shared/a.py", "f 644 " + site + "/shared/b.py",
                          "d 755 " + site + "/zoo-1.dist-info", "f 644 " + site + "/zoo-1.dist-info/INSTALLER",
                          "f 644 " + site + "/zoo-1.dist-info/METADATA", "f 644 " + site + "/zoo-1.dist-info/RECORD",
                          "f 644 " + site + "/zoo-1.dist-info/WHEEL", "d 755 usr/local/share/x",
                          "f 644 usr/local/share/x/y.txt"));
}

TEST_F(RequirementsLayer, HasTheSameBytesForAnyNumberOfThreadsAnyUmaskAndAnyOrder) {
  base(python_base());
  wheel(WheelBuilder("big", "1").file("big.bin", std::string(5'000'000, 'b')).file("run", "x", 0100700));
  wheel(WheelBuilder("app", "1").file("app.py", "a"));
  const auto before = ::umask(0);
  const std::string first = write(1).value()->blob.digest;
  ::umask(077);
  std::reverse(wheels.begin(), wheels.end());
  const auto second = write(8);
  ::umask(before);
  EXPECT_EQ(second.value()->blob.digest, first);
}

TEST_F(RequirementsLayer, FollowsTheBasesLinksInsteadOfReplacingThem) {
  base(python_base());
  wheel(WheelBuilder("app", "1").file("app-1.data/data/man/man1/app.1", ""));
  EXPECT_THAT(entries(), AllOf(Contains("f 644 usr/local/share/man/man1/app.1"), Contains("d 755 usr/local/share/man"),
                               Not(Contains(HasSubstr("usr/local/man")))));
}

TEST_F(RequirementsLayer, ALinkOfTheBaseLeadsNowhereOutside) {
  TarBuilder tar = python_base();
  tar.link("usr/local/etc", "../../../../../../outside").link("usr/local/abs", "/srv/deep");
  base(std::move(tar));
  wheel(WheelBuilder("app", "1").file("app-1.data/data/etc/a", "").file("app-1.data/data/abs/b", ""));
  EXPECT_THAT(entries(), AllOf(Contains("f 644 outside/a"), Contains("f 644 srv/deep/b"), Contains("d 755 srv")));
}

TEST_F(RequirementsLayer, RemovesWhatAnOlderVersionLeftInTheBase) {
  TarBuilder tar = python_base();
  const std::string info = site + "/Set_Up-1.0.dist-info";
  tar.directory(info)
      .file(info + "/METADATA", "")
      .file(info + "/RECORD",
            "set_up/__init__.py,sha256=x,1\nset_up/old/a.py,,\n"
            "set_up/old/b.py,,\n../../../bin/setup1,,\n/etc/passwd,,\n"
            "../../../../../etc/passwd,,\nset_up/gone.py,,\n"
            "Set_Up-1.0.dist-info/METADATA,,\n");
  tar.directory(site + "/set_up").file(site + "/set_up/__init__.py", "old").directory(site + "/set_up/old");
  tar.file(site + "/set_up/old/a.py", "").file(site + "/set_up/old/b.py", "").file("usr/local/bin/setup1", "", 0755);
  tar.directory(site + "/set_up/old/__pycache__").file(site + "/set_up/old/__pycache__/a.cpython-311.pyc", "");
  tar.file(site + "/set_up/mine.py", "the user's own").file("etc/passwd", "");
  tar.file(site + "/setup_tools.egg-info", "another distribution");
  base(std::move(tar));
  wheel(WheelBuilder("set.up", "2.0").file("set_up/__init__.py", "new"));
  const auto found = entries();
  EXPECT_THAT(found, Contains("f 644 " + site + "/set_up/__init__.py"));
  std::vector<std::string> whiteouts;
  for (const std::string& entry : found) {
    if (entry.find(".wh.") != std::string::npos) whiteouts.push_back(entry);
  }
  EXPECT_THAT(whiteouts, ElementsAre("f 644 usr/local/bin/.wh.setup1", "f 644 " + site + "/.wh.Set_Up-1.0.dist-info",
                                     "f 644 " + site + "/set_up/.wh.old"));
}

TEST_F(RequirementsLayer, ReplacesFilesOfTheSameVersionOneByOne) {
  TarBuilder tar = python_base();
  const std::string info = site + "/app-1.dist-info";
  tar.directory(info).file(info + "/RECORD", "app.py,,\napp-1.dist-info/REQUESTED,,\n").file(info + "/REQUESTED", "");
  tar.file(site + "/app.py", "old");
  base(std::move(tar));
  wheel(WheelBuilder("app", "1").file("app.py", "new"));
  const auto found = entries();
  EXPECT_THAT(found, AllOf(Contains("f 644 " + info + "/.wh.REQUESTED"), Contains("f 644 " + info + "/RECORD"),
                           Not(Contains("d 755 " + info)), Contains("f 644 " + site + "/app.py")));
}

TEST_F(RequirementsLayer, TwoWheelsMayHoldOneFileOnlyWhenItIsTheSame) {
  base(python_base());
  wheel(WheelBuilder("a", "1").file("names/__init__.py", "same"));
  wheel(WheelBuilder("b", "1").file("names/__init__.py", "same"));
  EXPECT_THAT(entries(), Contains("f 644 " + site + "/names/__init__.py").Times(1));
  wheel(WheelBuilder("c", "1").file("names/__init__.py", "other"));
  EXPECT_THAT(entries(), ElementsAre("error: the wheels a-1-py3-none-any.whl and c-1-py3-none-any.whl both hold " +
                                     site + "/names/__init__.py, with different content"));
}

TEST_F(RequirementsLayer, AFileTakesNoFoldersPlace) {
  TarBuilder tar = python_base();
  tar.directory(site + "/app").file(site + "/module", "");
  base(std::move(tar));
  wheels.clear();
  wheel(WheelBuilder("a", "1").file("app", ""));
  EXPECT_THAT(entries(), ElementsAre(HasSubstr("where the base image has a folder")));
  wheels.clear();
  wheel(WheelBuilder("a", "1").file("module/x.py", ""));
  EXPECT_THAT(entries(), ElementsAre(HasSubstr("below what is a file in the base image")));
  wheels.clear();
  wheel(WheelBuilder("a", "1").file("x", ""));
  wheel(WheelBuilder("b", "1").file("x/y", ""));
  EXPECT_THAT(entries(), ElementsAre(HasSubstr("below a file of a-1-py3-none-any.whl")));
}

TEST_F(RequirementsLayer, LeavesNothingBehindWhenAWheelIsRefused) {
  base(python_base());
  wheel(WheelBuilder("a", "1").file("a.py", "x").record_line("a.py," + testing::record_hash_of("y") + ",1"));
  EXPECT_THAT(entries(), ElementsAre(HasSubstr("is not what its RECORD says")));
  std::size_t blobs = 0;
  for ([[maybe_unused]] const auto& blob : std::filesystem::directory_iterator(folder.path() / "layout/blobs/sha256")) {
    ++blobs;
  }
  EXPECT_EQ(blobs, 3U);  // the base's
}

TEST_F(RequirementsLayer, StopsWhenItIsInterrupted) {
  base(python_base());
  wheel(WheelBuilder("a", "1"));
  outside.cancellation.request(2);
  const auto layer = write();
  ASSERT_FALSE(layer.has_value());
  EXPECT_EQ(layer.error().kind, ErrorKind::interrupted);
}

}  // namespace
}  // namespace liminal::build
