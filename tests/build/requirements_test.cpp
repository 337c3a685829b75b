#include "requirements.hpp"

#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/file_stream.hpp"

#include "pip_output.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"
#include "wheel_builder.hpp"

namespace liminal::build {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::WheelBuilder;

PythonEnvironment python_3(int minor, int patch = 2) {
  PythonEnvironment python;
  python.minor = minor;
  python.version = "3." + std::to_string(minor) + "." + std::to_string(patch);
  python.platform_tags = {"manylinux_2_36_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "linux_x86_64"};
  python.machine = "x86_64";
  return python;
}

// The machine's own python3 and pip, with wheels from a folder of the source and no network.
class RequirementsFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    requirements.folder = folder.path() / "source";
    requirements.file = "requirements.txt";
    options.cache = folder.path() / "cache";
    variables = Environment::of_this_process().all();
    for (const char* name : {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONFIG_FILE"}) {
      variables.erase(name);
    }
  }
  void wheel(const WheelBuilder& wheel, const std::string& tag = "py3-none-any") {
    folder.write("source/wheels/" + wheel.file_name(tag), wheel.text());
  }
  void write(const std::string& text) {
    folder.write("source/requirements.txt", "--no-index\n--find-links wheels\n" + text);
    std::filesystem::create_directories(folder.path() / "source/wheels");
  }
  Result<std::vector<Wheel>> download(const PythonEnvironment& python) {
    NativeProcessRunner processes(variables["PATH"]);
    const Environment environment(variables);
    const World world{outside.files, processes,        outside.http,         outside.clock,
                      environment,   outside.progress, outside.cancellation, 1};
    return download_wheels(world, requirements, python, options, [this](std::string_view line) {
      output += line;
      output += '\n';
    });
  }
  static std::vector<std::string> names(const Result<std::vector<Wheel>>& wheels) {
    std::vector<std::string> list;
    if (!wheels) {
      list.push_back("error: " + wheels.error().message);
      for (const std::string& line : wheels.error().excerpt) list.push_back(line);
      return list;
    }
    for (const Wheel& wheel : *wheels) list.push_back(wheel.name);
    return list;
  }
  static std::string all_of(const Error& error) {
    std::string text = error.message + "\n" + error.advice + "\n";
    for (const std::string& line : error.excerpt) text += line + "\n";
    return text;
  }
  Result<std::string> text() { return requirements_text(outside.world(), requirements); }

  testing::TemporaryFolder folder;
  testing::TestWorld outside;
  std::map<std::string, std::string> variables;
  Requirements requirements;
  Options options;
  std::string output;
};

using PipDownload = RequirementsFixture;
using RequirementsText = RequirementsFixture;

TEST_F(PipDownload, FetchesWheelsWithTheirDependencies) {
  wheel(WheelBuilder("app", "1.0").file("app.py", "").needs("library>=2"));
  wheel(WheelBuilder("library", "1.0").file("library.py", ""));
  wheel(WheelBuilder("library", "2.1").file("library.py", ""));
  write("app==1.0\n");
  const auto wheels = download(python_3(11));
  ASSERT_THAT(names(wheels), ElementsAre("app-1.0-py3-none-any.whl", "library-2.1-py3-none-any.whl"));
  std::ifstream file((*wheels)[0].file, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(sha256_hex(content), (*wheels)[0].sha256);
  EXPECT_THAT(output, HasSubstr("Processing wheels/app-1.0-py3-none-any.whl"));
  EXPECT_THAT(output, Not(HasSubstr(folder.path().string())));
}

TEST_F(PipDownload, ChoosesForTheImagesPythonAndNotForThisMachines) {
  for (const int minor : {7, 9, 12, 13}) {
    wheel(WheelBuilder("native", "1.0"), fmt::format("cp3{0}-cp3{0}-manylinux_2_17_x86_64", minor));
  }
  wheel(WheelBuilder("native", "1.0"), "cp312-cp312-win_amd64");
  wheel(WheelBuilder("limited", "1.0"), "cp38-abi3-manylinux2014_x86_64");
  write("native\nlimited\n");
  EXPECT_THAT(names(download(python_3(12))), ElementsAre("limited-1.0-cp38-abi3-manylinux2014_x86_64.whl",
                                                         "native-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"));
  EXPECT_THAT(names(download(python_3(9))), ElementsAre("limited-1.0-cp38-abi3-manylinux2014_x86_64.whl",
                                                        "native-1.0-cp39-cp39-manylinux_2_17_x86_64.whl"));
}

TEST_F(PipDownload, EvaluatesMarkersForTheImagesPython) {
  wheel(WheelBuilder("app", "1.0")
            .needs("old; python_version < \"3.10\"")
            .needs("new; python_version >= \"3.13\"")
            .needs("patched; python_full_version < \"3.11.3\"")
            .needs("windows; sys_platform == \"win32\"")
            .needs("linux; platform_system == \"Linux\" and platform_machine == \"x86_64\""));
  for (const char* name : {"old", "new", "patched", "windows", "linux"}) wheel(WheelBuilder(name, "1.0"));
  write("app\n");
  EXPECT_THAT(names(download(python_3(9))), ElementsAre("app-1.0-py3-none-any.whl", "linux-1.0-py3-none-any.whl",
                                                        "old-1.0-py3-none-any.whl", "patched-1.0-py3-none-any.whl"));
  EXPECT_THAT(names(download(python_3(11, 4))), ElementsAre("app-1.0-py3-none-any.whl", "linux-1.0-py3-none-any.whl"));
  EXPECT_THAT(names(download(python_3(13))),
              ElementsAre("app-1.0-py3-none-any.whl", "linux-1.0-py3-none-any.whl", "new-1.0-py3-none-any.whl"));
}

TEST_F(PipDownload, TakesTheSameAgainWithoutPip) {
  wheel(WheelBuilder("app", "1.0"));
  write("app\n");
  const auto first = names(download(python_3(11)));
  variables["PATH"] = "/nonexistent";
  EXPECT_EQ(names(download(python_3(11))), first);
  EXPECT_THAT(names(download(python_3(12))), ElementsAre(HasSubstr("error: there is no python3")));
  options.no_cache = true;
  EXPECT_THAT(names(download(python_3(11))), ElementsAre(HasSubstr("error: there is no python3")));
}

TEST_F(PipDownload, AsksAnewWhenAKeptFileIsNotWhatItWas) {
  wheel(WheelBuilder("app", "1.0").file("app.py", "x = 1\n"));
  write("app\n");
  const auto first = download(python_3(11));
  ASSERT_TRUE(first.has_value()) << all_of(first.error());
  std::filesystem::resize_file(first->front().file, 10);
  const auto second = download(python_3(11));
  ASSERT_TRUE(second.has_value()) << all_of(second.error());
  EXPECT_EQ(second->front().sha256, first->front().sha256);
  EXPECT_GT(std::filesystem::file_size(second->front().file), 10U);
}

TEST_F(PipDownload, IsNotMisledByWhatAKilledRunLeft) {
  wheel(WheelBuilder("app", "1.0"));
  write("app\n");
  ASSERT_TRUE(download(python_3(11)).has_value());
  // The same key's folder, with half a file in it.
  const auto resolved = folder.path() / "cache/wheels/resolved";
  for (const auto& entry : std::filesystem::directory_iterator(resolved)) {
    if (entry.path().extension() != ".json") continue;
    folder.write("cache/wheels/downloads/" + entry.path().stem().string() + "/wheels/other-1.0-py3-none-any.whl", "PK");
    std::filesystem::remove(entry.path());
  }
  EXPECT_THAT(names(download(python_3(11))), ElementsAre("app-1.0-py3-none-any.whl"));
  EXPECT_THAT(std::filesystem::is_empty(folder.path() / "cache/wheels/downloads"), true);
}

TEST_F(PipDownload, TwoAtOnceGetTheSame) {
  wheel(WheelBuilder("app", "1.0"));
  write("app\n");
  std::vector<std::vector<std::string>> results(3);
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([this, &result] {
      NativeProcessRunner processes(variables.at("PATH"));
      const Environment environment(variables);
      const World world{outside.files, processes,        outside.http,         outside.clock,
                        environment,   outside.progress, outside.cancellation, 1};
      result = names(download_wheels(world, requirements, python_3(11), options, {}));
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_THAT(result, ElementsAre("app-1.0-py3-none-any.whl"));
}

TEST_F(PipDownload, NothingToInstallNeedsNoPip) {
  folder.write("source/requirements.txt", "# nothing yet\n");
  variables["PATH"] = "/nonexistent";
  EXPECT_THAT(names(download(python_3(11))), IsEmpty());
}

TEST_F(PipDownload, NamesAPackageThatHasOnlySource) {
  folder.write("source/wheels/old-thing-1.2.tar.gz", "not looked into");
  write("Old_Thing==1.2\n");
  const auto wheels = download(python_3(11));
  ASSERT_FALSE(wheels.has_value());
  EXPECT_EQ(wheels.error().kind, ErrorKind::failed);
  EXPECT_EQ(wheels.error().message,
            "requirements.txt:3: Old_Thing==1.2 has no wheel for Python 3.11 on manylinux_2_36_x86_64, only source");
  EXPECT_THAT(wheels.error().advice, HasSubstr("--find-links FOLDER"));
  EXPECT_THAT(wheels.error().excerpt, Not(IsEmpty()));
}

TEST_F(PipDownload, TellsAVersionThatIsNotThereFromOneThatIsSourceAlone) {
  for (const char* version : {"1.0", "1.1"}) wheel(WheelBuilder("app", version));
  folder.write("source/wheels/app-0.9.tar.gz", "not looked into");
  const auto refusal = [this](const char* line) {
    write(std::string(line) + "\n");
    const auto wheels = download(python_3(11));
    return wheels ? std::string("none") : wheels.error().message + " -> " + wheels.error().advice;
  };
  EXPECT_EQ(refusal("app==999"),
            "requirements.txt:3: there is no app==999 for Python 3.11 on manylinux_2_36_x86_64"
            " -> versions that there are: 1.0, 1.1");
  EXPECT_THAT(refusal("app>2"), HasSubstr("there is no app>2 for"));
  EXPECT_THAT(refusal("app==0.9"), HasSubstr("app==0.9 has no wheel for Python 3.11"));
  EXPECT_THAT(refusal("app==0.9.0"), HasSubstr("only source"));
}

TEST_F(PipDownload, AWheelThatIsNoZipIsTold) {
  folder.write("source/wheels/app-1.0-py3-none-any.whl", "not a zip");
  write("app\n");
  const auto wheels = download(python_3(11));
  ASSERT_FALSE(wheels.has_value());
  EXPECT_EQ(wheels.error().message,
            "requirements.txt:3: the wheel wheels/app-1.0-py3-none-any.whl is damaged: it is no zip archive");
  EXPECT_THAT(wheels.error().advice, Not(IsEmpty()));
}

TEST_F(PipDownload, NamesAPackageWhoseWheelsAreForOtherMachines) {
  wheel(WheelBuilder("native", "1.0"), "cp311-cp311-win_amd64");
  write("native\n");
  const auto wheels = download(python_3(11));
  ASSERT_FALSE(wheels.has_value());
  EXPECT_EQ(wheels.error().message,
            "requirements.txt:3: native has wheels, but none for Python 3.11 on manylinux_2_36_x86_64");
}

TEST_F(PipDownload, NamesAPackageThatIsNotThere) {
  wheel(WheelBuilder("app", "1.0").needs("nowhere>=1"));
  write("app\n");
  const auto wheels = download(python_3(11));
  ASSERT_FALSE(wheels.has_value());
  EXPECT_THAT(wheels.error().message, HasSubstr("there is no nowhere>=1 for Python 3.11"));
}

TEST_F(PipDownload, TellsVersionsThatDoNotFitTogether) {
  wheel(WheelBuilder("a", "1.0").needs("c==1"));
  wheel(WheelBuilder("b", "1.0").needs("c==2"));
  wheel(WheelBuilder("c", "1"));
  wheel(WheelBuilder("c", "2"));
  write("a\nb\n");
  const auto wheels = download(python_3(11));
  ASSERT_FALSE(wheels.has_value());
  EXPECT_EQ(wheels.error().message, "no versions of the requirements fit together");
}

TEST_F(PipDownload, HoldsAPackageToItsHash) {
  wheel(WheelBuilder("app", "1.0"));
  write("app==1.0 --hash=sha256:" + std::string(64, '0') + "\n");
  const auto wheels = download(python_3(11));
  ASSERT_FALSE(wheels.has_value());
  EXPECT_EQ(wheels.error().message, "a package is not what its hash in the requirements says");
}

TEST_F(PipDownload, RunsNothingOfAPackage) {
  // A dependency by address may name source, which pip would build, whatever --only-binary says.
  const auto ran = folder.path() / "ran";
  folder.write("evil/setup.py", "open('" + ran.string() + "', 'w').close()\nfrom setuptools import setup\nsetup()\n");
  wheel(WheelBuilder("app", "1.0").needs("evil @ file://" + (folder.path() / "evil").string()));
  write("app\n");
  const auto wheels = download(python_3(11));
  ASSERT_FALSE(wheels.has_value());
  EXPECT_THAT(wheels.error().message, HasSubstr("would have to be built from source")) << all_of(wheels.error());
  EXPECT_FALSE(std::filesystem::exists(ran));
}

TEST_F(PipDownload, IsNotMisledByFilesOfTheCurrentFolder) {
  const auto here = std::filesystem::current_path();
  folder.write("json.py", "raise SystemExit('taken in')\n");
  folder.write("pip/__init__.py", "raise SystemExit('taken in')\n");
  wheel(WheelBuilder("app", "1.0"));
  write("app\n");
  std::filesystem::current_path(folder.path());
  const auto wheels = download(python_3(11));
  std::filesystem::current_path(here);
  EXPECT_THAT(names(wheels), ElementsAre("app-1.0-py3-none-any.whl"));
}

TEST_F(PipDownload, AnIndexOutOfReachIsNoMissingPackage) {
  folder.write("source/requirements.txt", "numpy\n");
  variables["PIP_INDEX_URL"] = "http://joe:hunter2@127.0.0.1:1/simple";
  variables["PIP_RETRIES"] = "0";
  const auto wheels = download(python_3(11));
  ASSERT_FALSE(wheels.has_value());
  EXPECT_EQ(wheels.error().kind, ErrorKind::unavailable) << all_of(wheels.error());
  EXPECT_EQ(wheels.error().message, "pip cannot reach the package index");
  EXPECT_TRUE(wheels.error().transient);
  EXPECT_THAT(all_of(wheels.error()) + output, Not(HasSubstr("hunter2")));
}

TEST_F(PipDownload, ReadsPipConf) {
  wheel(WheelBuilder("app", "1.0"));
  requirements.pip_conf =
      folder.write("pip.conf", "[global]\nno-index = true\nfind-links = " + (folder.path() / "source/wheels").string() +
                                   "\nlog = " + (folder.path() / "written").string() + "\n");
  folder.write("source/requirements.txt", "app\n");
  EXPECT_THAT(names(download(python_3(11))), ElementsAre("app-1.0-py3-none-any.whl"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "written"));
}

// A Python without pip, as in a virtual environment that uv made. Returns its folder.
std::string python_without_pip(const testing::TemporaryFolder& folder) {
  const auto script = folder.write("bin/python3", "#!/bin/sh\nexec /usr/bin/python3 -S -E \"$@\"\n");
  std::filesystem::permissions(script, std::filesystem::perms(0755));
  return script.parent_path().string();
}

TEST_F(PipDownload, TakesThePythonThatHasPip) {
  variables["PATH"] = python_without_pip(folder) + ":" + variables["PATH"];
  wheel(WheelBuilder("app", "1.0"));
  write("app\n");
  EXPECT_THAT(names(download(python_3(11))), ElementsAre("app-1.0-py3-none-any.whl"));
}

TEST_F(PipDownload, SaysWhatToInstallWhenThereIsNoPip) {
  variables["PATH"] = python_without_pip(folder);
  write("app\n");
  const auto wheels = download(python_3(11));
  ASSERT_FALSE(wheels.has_value());
  EXPECT_EQ(wheels.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(wheels.error().message, HasSubstr("no python3 in PATH has a pip")) << all_of(wheels.error());
  EXPECT_THAT(wheels.error().advice, HasSubstr("python3-pip"));
}

TEST(PipOutput, ShowsNoValueOfAVariableInAnAddress) {
  const std::vector<pip::RequirementLine> lines;
  PipOutput output("/cache/requirements.txt", lines, "/home/joe/source");
  output.hide({"s3cr3t", "s3cr3t-value"});
  EXPECT_EQ(output.shown("Looking in indexes: https://example.com/s3cr3t-value/simple"),
            "Looking in indexes: https://example.com/****/simple");
  output.add("ERROR: https://example.com/s3cr3t/simple is not there");
  EXPECT_THAT(output.failure(1, "", {}).excerpt, ElementsAre("ERROR: https://example.com/****/simple is not there"));
}

TEST(PipOutput, ShowsPlacesOfTheSourceAndNoCredentials) {
  const std::vector<pip::RequirementLine> lines = {{"flask", "requirements.txt", 7, "flask"},
                                                   {"numpy", "deep/base.txt", 2, "numpy"}};
  const PipOutput output("/cache/requirements.txt", lines, "/home/joe/source");
  EXPECT_EQ(output.shown("Collecting numpy (from -r /cache/requirements.txt (line 2))"),
            "Collecting numpy (from deep/base.txt:2)");
  EXPECT_EQ(output.shown("Collecting x (from flask->-r /cache/requirements.txt (line 1)) (2.0)"),
            "Collecting x (from flask->requirements.txt:7) (2.0)");
  EXPECT_EQ(output.shown("odd -r /cache/requirements.txt (line 9"), "odd -r /cache/requirements.txt (line 9");
  EXPECT_EQ(output.shown("Processing /home/joe/source/wheels/x.whl"), "Processing wheels/x.whl");
  EXPECT_EQ(output.shown("WARNING: https://joe:pw@example.org/simple/ is slow"),
            "WARNING: https://****@example.org/simple/ is slow");
  EXPECT_EQ(output.shown("Saved ./x.whl"), "");
}

TEST_F(RequirementsText, ChangesWithWhatPipWouldChoose) {
  wheel(WheelBuilder("app", "1.0"));
  write("app==1.0 # as is\n");
  const std::string first = text().value();
  write("# another comment\n\napp==1.0\n");
  EXPECT_EQ(text().value(), first);
  write("app==1.1\n");
  EXPECT_NE(text().value(), first);
  write("app==1.0\n");
  wheel(WheelBuilder("app", "1.0").file("app.py", ""));
  EXPECT_NE(text().value(), first);
  wheel(WheelBuilder("app", "1.0"));
  EXPECT_EQ(text().value(), first);
  requirements.pip_conf = folder.write("pip.conf", "[global]\nindex-url = https://joe:hunter2@example.org/\n");
  const std::string with_configuration = text().value();
  EXPECT_NE(with_configuration, first);
  EXPECT_THAT(with_configuration, Not(HasSubstr("hunter2")));
}

TEST_F(RequirementsText, IsTheSameInAnotherFolder) {
  wheel(WheelBuilder("app", "1.0"));
  write("app==1.0\n");
  const std::string first = text().value();
  std::filesystem::rename(folder.path() / "source", folder.path() / "moved");
  requirements.folder = folder.path() / "moved";
  EXPECT_EQ(text().value(), first);
}

TEST_F(RequirementsText, RefusesWhatIsNotThere) {
  write("app\n");
  requirements.pip_conf = folder.path() / "missing.conf";
  EXPECT_FALSE(text().has_value());
  requirements.pip_conf.clear();
  std::filesystem::create_symlink("/etc/passwd", folder.path() / "source/wheels/x-1-py3-none-any.whl");
  const auto linked = text();
  ASSERT_FALSE(linked.has_value());
  EXPECT_THAT(linked.error().message, HasSubstr("is not a regular file"));
}

}  // namespace
}  // namespace liminal::build
