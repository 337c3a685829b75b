// What is typed by mistake is told, with what to type instead, and nothing is done.
#include <gmock/gmock.h>

#include "program.hpp"

namespace liminal {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

std::string kubeconfig(const std::string& current) {
  return R"({"apiVersion": "v1", "kind": "Config",)" + current +
         R"("clusters": [{"name": "far", "cluster": {"server": "https://far.invalid"}}],
            "users": [{"name": "me", "user": {"token": "x"}}],
            "contexts": [{"name": "far", "context": {"cluster": "far", "user": "me"}}]})";
}

TEST(CommandLine, ThatNamesHalfACluster) {
  const testing::Program program;
  program.write("config", kubeconfig(""));
  for (const char* typed :
       {"plan", "status", "ci", "ci --dry-run", "deploy --dags dags", "deploy --render out", "delete --dags dags"}) {
    for (const char* half : {"--kubeconfig", "--cluster-uid"}) {
      const auto ended = program.shell(std::string("\"$liminal\" ") + typed + " " + half + "=config");
      EXPECT_EQ(ended.status, 2) << typed;
      EXPECT_THAT(ended.errors, HasSubstr(std::string(half) + " is given, and no context, so no cluster is named"));
      EXPECT_THAT(ended.errors, HasSubstr("give --context NAME, or --context @current"));
    }
  }
  for (const char* typed : {"run x --local", "run x"})
    EXPECT_THAT(program.shell(std::string("\"$liminal\" ") + typed + " --kubeconfig config").errors,
                HasSubstr("no context, so no cluster is named"));
  EXPECT_FALSE(fs::exists(program.folder() / "dags"));
  EXPECT_FALSE(fs::exists(program.folder() / "out"));
}

TEST(CommandLine, ThatNamesNoContextOfAFileWithoutACurrentOne) {
  const testing::Program program;
  program.write("config", kubeconfig(""));
  program.write("other", kubeconfig(R"("current-context": "far",)"));
  for (const char* typed : {"deploy", "delete", "create", "history", "rollback"}) {
    const std::string command = std::string("\"$liminal\" ") + typed;
    const auto none = program.shell(command + " --kubeconfig config");
    EXPECT_EQ(none.status, 2) << typed;
    EXPECT_THAT(none.errors, HasSubstr("no cluster is named, and the kubeconfig has no current context")) << typed;
    const auto far = program.shell(command + " --kubeconfig other");
    EXPECT_EQ(far.status, 2) << typed;
    EXPECT_THAT(far.errors, HasSubstr("--context far (or --context @current)")) << typed;
  }
  EXPECT_FALSE(fs::exists(program.outside() / "home")) << "DAG files were delivered where no cluster was found";
}

TEST(CommandLine, ThatNamesAClusterByAFileAloneIsAsBefore) {
  const testing::Program program;
  program.write("settings.toml", "kubeconfig = \"config\"\n");
  program.write("config", kubeconfig(""));
  EXPECT_EQ(program.shell("\"$liminal\" plan --config settings.toml").status, 0);
}

TEST(CommandLine, WithANumberThatIsNone) {
  const testing::Program program;
  for (const char* number :
       {"-1", "-9223372036854775808", "1.5", "1e3", "0x10", "many", "99999999999999999999", "''"}) {
    for (const char* option : {"logs --tail", "logs -f --tail", "rollback --context x --to"}) {
      for (const char* between : {" ", "="}) {
        const std::string typed = std::string(option) + between + number;
        const auto ended = program.shell("\"$liminal\" " + typed);
        EXPECT_EQ(ended.status, 2) << typed;
        EXPECT_THAT(ended.errors, ::testing::MatchesRegex("error: --(tail|to)[:= ].*(a number from|value).*help: .*"))
            << typed;
      }
    }
  }
  EXPECT_EQ(program.shell("\"$liminal\" rollback --context x --to 0").status, 2);
  for (const char* number : {"0", "10", "4294967295"})
    EXPECT_EQ(program.shell(std::string("\"$liminal\" logs --tail ") + number).status, 0) << number;
  EXPECT_THAT(program.shell("\"$liminal\" logs --follow=maybe").errors,
              HasSubstr("--follow does not take the value maybe"));
}

TEST(CommandLine, WithAnOptionTwice) {
  const testing::Program program;
  EXPECT_THAT(program.shell("\"$liminal\" plan --format dot --format=mermaid").errors,
              HasSubstr("--format is given more than once"));
  EXPECT_THAT(program.shell("\"$liminal\" plan --format").errors, HasSubstr("--format needs a value"));
}

TEST(CommandLine, OfAVariableNamesTheVariable) {
  const testing::Program program;
  const auto jobs = [&](const std::string& options) {
    return program.shell("\"$liminal\" validate " + options, {{"LIMINAL_JOBS", "abc"}}).errors;
  };
  EXPECT_THAT(jobs(""), HasSubstr("LIMINAL_JOBS: it takes a number from 1 to 256; not abc"));
  EXPECT_THAT(jobs("--jobs abd"), HasSubstr("--jobs: it takes a number from 1 to 256; not abd"));
  EXPECT_THAT(program.shell("\"$liminal\" validate", {{"LIMINAL_FAIL_ON", "all"}}).errors,
              HasSubstr("LIMINAL_FAIL_ON: it takes error, warning, note; not all"));
}

TEST(CommandLine, WithAFileWhereAFolderIsNeeded) {
  const testing::Program program;
  program.write("file", "");
  for (const char* typed : {"deploy --dags file", "deploy --render file", "deploy --dags file/x",
                            "deploy --render file/x", "delete --dags file"}) {
    const auto ended = program.shell(std::string("\"$liminal\" ") + typed);
    EXPECT_EQ(ended.status, 2) << typed;
    EXPECT_THAT(ended.errors, HasSubstr("a file stands where a folder is needed: name another folder")) << typed;
  }
  const auto home = program.shell("\"$liminal\" deploy", {{"LIMINAL_HOME", (program.folder() / "file").string()}});
  EXPECT_EQ(home.status, 2) << home.errors;
}

TEST(CommandLine, LeavesOutWhatIsExcluded) {
  const testing::Program program;
  program.write("vendor/liminal.yml", "name: [\n");
  EXPECT_EQ(program.shell("\"$liminal\" validate").status, 1);
  for (const char* typed : {"validate", "resolve", "plan", "build --builder oci", "deploy --render out"})
    EXPECT_EQ(program.shell(std::string("\"$liminal\" ") + typed + " --exclude vendor/").status, 0) << typed;
  program.write("liminal.toml", "exclude = [\"vendor/**\", \"elsewhere/\"]\n");
  const auto ended = program.shell("\"$liminal\" validate");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_THAT(ended.errors, HasSubstr("1 file"));
  EXPECT_EQ(program.shell("\"$liminal\" validate vendor/liminal.yml").status, 1);
  EXPECT_THAT(program.shell("\"$liminal\" validate vendor").errors, Not(HasSubstr("no liminal.yml")));
  for (const char* pattern : {"'!a'", "/", ".", "''"})
    EXPECT_EQ(program.shell(std::string("\"$liminal\" validate --exclude ") + pattern).status, 2) << pattern;
}

}  // namespace
}  // namespace liminal
