#include "wheel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"
#include "wheel_builder.hpp"

namespace liminal::build {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::record_hash_of;
using testing::WheelBuilder;
using testing::ZipBuilder;

PythonEnvironment python() {
  PythonEnvironment python;
  python.minor = 11;
  python.interpreter = "/usr/local/bin/python3";
  python.prefix = "usr/local";
  python.site_packages = "usr/local/lib/python3.11/site-packages";
  python.scripts = "usr/local/bin";
  return python;
}

const std::string site = "usr/local/lib/python3.11/site-packages/";

class WheelTest : public ::testing::Test {
 protected:
  Result<std::vector<InstalledFile>> install(const std::string& content,
                                             const std::string& name = "thing-1.0-py3-none-any.whl") {
    wheel = {folder.write(name, content), name, sha256_hex(content)};
    auto opened = ZipReader::open(wheel.file);
    if (!opened) return tl::unexpected(opened.error());
    archive = std::make_unique<ZipReader>(*std::move(opened));
    return install_wheel(wheel, *archive, python());
  }
  // Content as it would be written, or the error.
  std::string content_of(const InstalledFile& file) {
    std::string content;
    const auto written = write_content(wheel, file, [&](std::string_view bytes) -> Status {
      content += bytes;
      return {};
    });
    return written ? content : "error: " + written.error().message;
  }
  std::string content_at(const Result<std::vector<InstalledFile>>& files, const std::string& path) {
    if (!files) return "error: " + files.error().message;
    for (const InstalledFile& file : *files) {
      if (file.path == path) return content_of(file);
    }
    return "none";
  }
  static std::vector<std::string> paths(const std::vector<InstalledFile>& files) {
    std::vector<std::string> list;
    for (const InstalledFile& file : files) list.push_back(file.path);
    std::sort(list.begin(), list.end());
    return list;
  }
  static std::string refusal(const Result<std::vector<InstalledFile>>& files) {
    if (files) return "not refused";
    std::string text = files.error().message;
    for (const std::string& cause : files.error().causes) text += ": " + cause;
    return text;
  }
  static WheelBuilder thing() { return WheelBuilder("thing", "1.0"); }

  testing::TemporaryFolder folder;
  Wheel wheel;
  std::unique_ptr<ZipReader> archive;
};

TEST_F(WheelTest, PutsFilesWherePythonFindsThem) {
  const auto files = install(thing()
                                 .file("thing/__init__.py", "x = 1\n")
                                 .file("thing/native.so", "ELF", 0100755)
                                 .file("thing-1.0.data/platlib/extra.py", "")
                                 .file("thing-1.0.data/data/share/thing/data.txt", "data")
                                 .file("thing-1.0.data/headers/thing.h", "")
                                 .text());
  ASSERT_TRUE(files.has_value()) << files.error().message;
  EXPECT_THAT(paths(*files),
              ElementsAre("usr/local/include/python3.11/thing/thing.h", site + "extra.py",
                          site + "thing-1.0.dist-info/INSTALLER", site + "thing-1.0.dist-info/METADATA",
                          site + "thing-1.0.dist-info/RECORD", site + "thing-1.0.dist-info/WHEEL",
                          site + "thing/__init__.py", site + "thing/native.so", "usr/local/share/thing/data.txt"));
  EXPECT_EQ(content_at(files, site + "thing/__init__.py"), "x = 1\n");
  for (const InstalledFile& file : *files) {
    EXPECT_EQ(file.mode, file.path.ends_with(".so") ? 0755U : 0644U) << file.path;
  }
}

TEST_F(WheelTest, OnlyARegularFileSaysItsMode) {
  const auto files = install(thing().file("a", "", 0755).file("b", "", 0100700).file("c", "", 0120777).text());
  ASSERT_TRUE(files.has_value());
  for (const InstalledFile& file : *files) EXPECT_EQ(file.mode, file.path == site + "b" ? 0755U : 0644U) << file.path;
}

TEST_F(WheelTest, WritesScriptsForTheImagesInterpreter) {
  const auto files = install(thing()
                                 .file("thing-1.0.data/scripts/run.py", "#!python -u\nprint()\n")
                                 .file("thing-1.0.data/scripts/run.sh", "#!/bin/sh\n")
                                 .dist_info("entry_points.txt",
                                            "[console_scripts]\n# none\nthing = thing.cli:App.main [extra]\n"
                                            "[other]\nnot = a:b\n[gui_scripts]\nwindow=thing:show\n")
                                 .text());
  EXPECT_EQ(content_at(files, "usr/local/bin/run.py"), "#!/usr/local/bin/python3\nprint()\n");
  EXPECT_EQ(content_at(files, "usr/local/bin/run.sh"), "#!/bin/sh\n");
  EXPECT_THAT(content_at(files, "usr/local/bin/thing"),
              ::testing::AllOf(HasSubstr("#!/usr/local/bin/python3\n"), HasSubstr("from thing.cli import App\n"),
                               HasSubstr("sys.exit(App.main())")));
  EXPECT_THAT(content_at(files, "usr/local/bin/window"), HasSubstr("sys.exit(show())"));
  EXPECT_EQ(content_at(files, "usr/local/bin/not"), "none");
  for (const InstalledFile& file : *files) {
    EXPECT_EQ(file.mode, file.path.starts_with("usr/local/bin/") ? 0755U : 0644U) << file.path;
  }
}

TEST_F(WheelTest, WritesARecordOfWhatIsInstalled) {
  const auto files = install(thing()
                                 .file("thing.py", "x = 1\n")
                                 .file("a,b.txt", "comma")
                                 .file("__pycache__/thing.cpython-311.pyc", "stale")
                                 .file("thing-1.0.data/scripts/run", "#!python\n")
                                 .dist_info("direct_url.json", "{}")
                                 .dist_info("REQUESTED", "")
                                 .text());
  const std::string record = content_at(files, site + "thing-1.0.dist-info/RECORD");
  EXPECT_THAT(record, HasSubstr("thing.py," + record_hash_of("x = 1\n") + ",6\n"));
  EXPECT_THAT(record, HasSubstr("../../../bin/run," + record_hash_of("#!/usr/local/bin/python3\n") + ",25\n"));
  EXPECT_THAT(record, HasSubstr("\"a,b.txt\","));
  EXPECT_THAT(record, HasSubstr("thing-1.0.dist-info/RECORD,,\n"));
  for (const char* left_out : {"__pycache__", "direct_url", "REQUESTED"}) EXPECT_THAT(record, Not(HasSubstr(left_out)));
  for (const std::string& path : paths(*files)) {
    EXPECT_THAT(record, HasSubstr(std::filesystem::path(path).filename().string()));
  }
}

TEST_F(WheelTest, RefusesContentThatIsNotAsRecorded) {
  // A second line of RECORD, with another hash, for a file that is there.
  const auto files =
      install(thing().file("thing.py", "true").record_line("thing.py," + record_hash_of("false") + ",5").text());
  EXPECT_THAT(content_at(files, site + "thing.py"), HasSubstr("thing.py is not what its RECORD says"));
  EXPECT_THAT(refusal(install(thing()
                                  .file("thing-1.0.data/scripts/run", "#!python\n")
                                  .record_line("thing-1.0.data/scripts/run," + record_hash_of("false") + ",5")
                                  .text())),
              HasSubstr("is not what its RECORD says"));
}

TEST_F(WheelTest, TakesAFileThatIsNotRecorded) {
  const auto files = install(thing().unrecorded("forgotten.py", "x").text());
  EXPECT_EQ(content_at(files, site + "forgotten.py"), "x");
  EXPECT_THAT(content_at(files, site + "thing-1.0.dist-info/RECORD"), HasSubstr("forgotten.py," + record_hash_of("x")));
}

TEST_F(WheelTest, RefusesPathsThatLeaveTheirPlace) {
  for (const std::string path : {"../evil.py", "a/../../evil.py", "/etc/evil", "a//b", "./a", "a/./b", "a\\b",
                                 "thing-1.0.data/data/../../evil", ".wh.python3", "a/.wh..wh..opq", "a\nb"}) {
    EXPECT_THAT(refusal(install(thing().file(path, "").text())),
                HasSubstr("the wheel thing-1.0-py3-none-any.whl is refused"))
        << path;
  }
  EXPECT_THAT(refusal(install(thing().file("thing-1.0.data/etc/passwd", "").text())), HasSubstr("PEP 427"));
  for (const std::string entry : {"../evil = a:b", "a = os;system:b", "a = b:c()", "a = b"}) {
    EXPECT_THAT(refusal(install(thing().dist_info("entry_points.txt", "[console_scripts]\n" + entry + "\n").text())),
                HasSubstr("in a way that is not understood"))
        << entry;
  }
}

TEST_F(WheelTest, RefusesWhatIsNoWheel) {
  EXPECT_THAT(refusal(install("not a zip")), HasSubstr("a zip archive is damaged: no central directory"));
  EXPECT_THAT(refusal(install("")), HasSubstr("damaged"));
  const std::string whole = thing().file("thing.py", std::string(1000, 'x')).text();
  EXPECT_FALSE(install(whole.substr(0, whole.size() - 30)).has_value());
  EXPECT_FALSE(install(whole.substr(500)).has_value());
  ZipBuilder plain;
  plain.add("thing.py", "");
  EXPECT_THAT(refusal(install(plain.text())), HasSubstr("no .dist-info folder"));
  EXPECT_THAT(refusal(install(thing().file("other-1.0.dist-info/METADATA", "").text())),
              HasSubstr("two .dist-info folders"));
  EXPECT_THAT(refusal(install(WheelBuilder("other", "1.0").text())), HasSubstr("its metadata is of other"));
  ZipBuilder newer;
  newer.add("thing-1.0.dist-info/WHEEL", "Wheel-Version: 2.0\n");
  newer.add("thing-1.0.dist-info/RECORD", "");
  EXPECT_THAT(refusal(install(newer.text())), HasSubstr("version 1"));
  EXPECT_THAT(refusal(install(thing().file("a", "").unrecorded("a", "").text())), HasSubstr("holds a twice"));
}

TEST_F(WheelTest, AnEntryIsNoLongerOrShorterThanItSays) {
  for (const std::uint32_t claimed : {3U, 100U, 0xf0000000U}) {
    ZipBuilder zip;
    zip.add("thing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n");
    zip.add("thing-1.0.dist-info/RECORD", "thing.py," + record_hash_of("0123456789") + ",10\n");
    zip.add_with_size("thing.py", "0123456789", claimed);
    const auto files = install(zip.text());
    EXPECT_THAT(content_at(files, site + "thing.py"), HasSubstr("error: ")) << claimed;
  }
}

TEST(NormalisedName, ComparesAsPep503Says) {
  EXPECT_EQ(normalised_name("Foo._-Bar"), "foo-bar");
  EXPECT_EQ(normalised_name("numpy"), "numpy");
}

}  // namespace
}  // namespace liminal::build
