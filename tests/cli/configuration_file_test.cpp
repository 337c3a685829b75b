// liminal.toml: what it may say, who is believed, and what is said of its mistakes.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "program.hpp"

namespace liminal {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* validate = "\"$liminal\" validate";

TEST(FoundConfiguration, WritesAndReadsInsideTheRepositoryAlone) {
  const testing::Program program;
  fs::create_directory_symlink(program.outside(), program.folder() / "away");
  fs::create_symlink(program.outside() / "new", program.folder() / "dangling");
  fs::create_directory(program.folder() / ".git");
  for (const char* line :
       {"report = [\"junit=../r.xml\"]", "report = [\"junit=/tmp/r.xml\"]", "report = [\"junit=away/r.xml\"]",
        "report = [\"junit=dangling\"]", "report = [\"json=ok.json\", \"junit=a/../../r.xml\"]",
        "report = [\"junit=.git/hooks/pre-commit\"]", "output = \"away/images\"", "[deploy]\nrender = \"..\"",
        "[deploy]\ndags = \"/tmp/dags\"", "[plan]\nout = \"../plan.json\"", "path = [\"..\"]"}) {
    program.write("liminal.toml", line);
    const auto ended = program.shell(validate);
    EXPECT_EQ(ended.status, 2) << line;
    EXPECT_THAT(ended.errors, HasSubstr("leads out of the repository, or into its .git")) << line;
  }
  EXPECT_FALSE(fs::exists(program.outside() / "r.xml"));
  program.write("liminal.toml", "report = [\"junit=reports/r.xml\", \"json=-\"]\n");
  const auto inside = program.shell(validate);
  EXPECT_EQ(inside.status, 0) << inside.errors;
  EXPECT_THAT(inside.output, HasSubstr("\"schema\""));
  EXPECT_TRUE(fs::exists(program.folder() / "reports/r.xml"));
}

TEST(FoundConfiguration, MayNameWhatLiesInItsCheckout) {
  const testing::Program program;
  fs::create_directory(program.folder() / ".git");
  program.write("service/liminal.yml", "name: service\n");
  program.write("service/liminal.toml", "report = \"junit=../r.xml\"\n");
  EXPECT_EQ(program.shell("cd service && \"$liminal\" validate").status, 0);
  EXPECT_TRUE(fs::exists(program.folder() / "r.xml"));
}

TEST(FoundConfiguration, ChoosesNoClusterAndTakesNoGuardDown) {
  const testing::Program program;
  for (const char* line : {"kubeconfig = \"k\"", "context = \"production\"", "[deploy]\nplan = \"plan.json\"",
                           "insecure-registry = [\"host\"]", "token-server = [\"host\"]", "docker-network = \"host\"",
                           "[deploy]\nadopt = [\"configmap/x\"]", "[deploy]\ndelete-data = [\"data\"]",
                           "[deploy]\nclean = true", "[build]\npush = true"}) {
    program.write("liminal.toml", line);
    const auto found = program.shell(validate);
    EXPECT_EQ(found.status, 2) << line;
    EXPECT_THAT(found.errors, HasSubstr("is not taken from a file that was found in the repository")) << line;
    EXPECT_EQ(program.shell("\"$liminal\" validate --config liminal.toml").status, 0) << line;
    EXPECT_EQ(program.shell(validate, {{"LIMINAL_CONFIG", "liminal.toml"}}).status, 0) << line;
  }
}

TEST(FoundConfiguration, MayTakeABaseFromAnywhere) {
  const testing::Program program;
  program.write("liminal.toml", "base = [\"python:3.11-slim=rootfs:/srv/python\"]\nbuilder = \"oci\"\n");
  EXPECT_EQ(program.shell(validate).status, 0);
}

TEST(FoundConfiguration, MayPinACluster) {
  const testing::Program program;
  program.write("liminal.toml", "cluster-uid = \"6f1c\"\n");
  EXPECT_EQ(program.shell(validate).status, 0);
  program.write("liminal.toml", "cluster-uid = \"\"\n");
  const auto ended = program.shell(validate + std::string(" && \"$liminal\" plan"));
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.errors, HasSubstr("kubectl get namespace kube-system"));
}

TEST(FoundConfiguration, IsAFileOfItsOwn) {
  const testing::Program program;
  const auto at = program.folder() / "liminal.toml";
  program.write("../secret", "root:$6$hash:19000:0:99999:7:::\n");
  fs::create_symlink("../secret", at);
  auto ended = program.shell(validate);
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.errors, HasSubstr("liminal.toml is a link that leads out of the repository"));
  EXPECT_THAT(ended.errors, Not(HasSubstr("hash")));
  fs::remove(at);
  ASSERT_EQ(::mkfifo(at.c_str(), 0600), 0);
  ended = program.shell(validate);
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.errors, HasSubstr("liminal.toml is no regular file"));
  fs::remove(at);
  program.write("other.toml", "quiet = true\n");
  fs::create_symlink("other.toml", at);
  EXPECT_EQ(program.shell(validate).errors, "");
}

TEST(Configuration, ShowsNothingOfAFileThatIsNone) {
  const testing::Program program;
  for (const char* text : {"root:$6$hash:19000:0:99999:7:::\n", "token = hash\n", "\"hash\" = 1\n", "a = \"hash\n",
                           "[ha.sh]\n", "a = [\"hash\"\n\n", "a = \"\\hash\"\n", "a = 1 hash\n", "a = {hash = 1}\n"}) {
    program.write("liminal.toml", text);
    const auto ended = program.shell(validate);
    EXPECT_EQ(ended.status, 2) << text;
    EXPECT_THAT(ended.errors, HasSubstr("error: liminal.toml:")) << text;
    EXPECT_THAT(ended.errors, Not(HasSubstr("hash"))) << text;
  }
}

TEST(Configuration, ReadsTheTomlThatPeopleWrite) {
  const testing::Program program;
  program.write("liminal.toml",
                "# every form\r\nquiet=false # flag\r\n\njobs = 2\nset = [ 'a=\"1\"', # one\n  \"b=#, ]\\t\",\n]\n"
                "[ validate ]\nno-check-files = true\nreport = \"json=-\"\n");
  const auto ended = program.shell(validate);
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_THAT(ended.output, HasSubstr("\"schema\""));
}

TEST(Configuration, OfACommandGoesBeforeThatOfAll) {
  const testing::Program program;
  program.write("liminal.toml", "format = \"junit\"\n[validate]\nformat = \"json\"\n[plan]\nformat = \"dot\"\n");
  EXPECT_THAT(program.shell(validate).output, ::testing::StartsWith("{"));
  EXPECT_THAT(program.shell("\"$liminal\" build --builder oci").output, ::testing::StartsWith("<?xml"));
}

TEST(Configuration, GivesWayToVariablesAndThoseToFlags) {
  const testing::Program program;
  program.write("liminal.toml", "format = \"junit\"\n");
  EXPECT_THAT(program.shell(validate, {{"LIMINAL_FORMAT", "sarif"}}).output, HasSubstr("sarif-2.1.0"));
  EXPECT_THAT(program.shell("\"$liminal\" validate --format gitlab", {{"LIMINAL_FORMAT", "sarif"}}).output, "[]\n");
  EXPECT_THAT(program.shell(validate, {{"LIMINAL_FORMAT", ""}}).output, ::testing::StartsWith("<?xml"));
}

TEST(CommandLine, TakesOneValueOfARepeatableOptionAtATime) {
  const testing::Program program;
  program.write("other/liminal.yml", "name: other\nname: other\n");
  const auto ended = program.shell("\"$liminal\" validate --report junit=a.xml --set x=1 --report json=b.json other");
  EXPECT_EQ(ended.status, 1) << ended.errors;
  EXPECT_TRUE(fs::exists(program.folder() / "a.xml") && fs::exists(program.folder() / "b.json"));
  EXPECT_THAT(program.shell("\"$liminal\" build --builder oci --base a=rootfs:/x other").errors,
              HasSubstr("other/liminal.yml"));
  EXPECT_THAT(program.shell("\"$liminal\" run p --local --builder oci --task t other").errors,
              HasSubstr("other/liminal.yml"));
}

// The folder would be the current one, and all of it the image's base.
TEST(CommandLine, RefusesABaseThatNamesNoFolder) {
  const testing::Program program;
  for (const char* scheme : {"rootfs:", "oci:"}) {
    const auto ended = program.shell("\"$liminal\" build --builder oci --base python:3.12-slim=" + std::string(scheme));
    EXPECT_EQ(ended.status, 2);
    EXPECT_THAT(ended.errors, HasSubstr("names no folder"));
  }
}

TEST(CommandLine, TellsAnImageThatIsRenderedWithoutATag) {
  const testing::Program program;
  program.write("shop/source/train.py", "");
  program.write("shop/liminal.yml",
                "name: shop\nimages: [{image: trainer, type: python, source: source, base: '127.0.0.1:1/none:1'}]\n"
                "pipelines:\n  - {pipeline: p, start_date: 2026-01-01, timeout_minutes: 30,\n"
                "     tasks: [{task: t, type: python, image: trainer, cmd: echo}]}\n");
  const auto ended = program.shell("\"$liminal\" deploy --builder oci --render out shop");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_THAT(ended.output + ended.errors, HasSubstr("the image `trainer` has neither tag nor digest"));
}

TEST(CommandLine, RefusesEmptyPaths) {
  const testing::Program program;
  for (const char* arguments : {"validate ''", "validate --path ''", "deploy --render ''", "ci --render ''",
                                "build --output ''", "init ''", "plan --kubeconfig ''", "validate --config ''"}) {
    EXPECT_EQ(program.shell(std::string("\"$liminal\" ") + arguments).status, 2) << arguments;
  }
}

TEST(CommandLine, RefusesTwoReportsInOnePlace) {
  const testing::Program program;
  fs::create_directory_symlink(".", program.folder() / "here");
  for (const char* second : {"json=r.xml", "json=./r.xml", "json=here/r.xml"}) {
    const auto ended = program.shell(std::string("\"$liminal\" validate --report junit=r.xml --report ") + second);
    EXPECT_EQ(ended.status, 2) << second;
    EXPECT_THAT(ended.errors, HasSubstr("go to one place")) << second;
  }
  EXPECT_FALSE(fs::exists(program.folder() / "r.xml"));
}

}  // namespace
}  // namespace liminal
