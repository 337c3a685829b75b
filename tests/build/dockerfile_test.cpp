#include "../../src/build/dockerfile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace liminal::build {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

StagedImage python() {
  StagedImage staged;
  staged.base = "python:3.11-slim";
  staged.requirements = "requirements.txt";
  staged.command = {"python3"};
  return staged;
}

TEST(Dockerfile, InstallsRequirementsBeforeTheSource) {
  const std::string text = generate_dockerfile(python(), "python:3.11-slim", false);
  const auto requirements = text.find(R"(COPY ["app/requirements.txt","/app/requirements.txt"])");
  const auto install = text.find("pip install");
  const auto source = text.find(R"(COPY ["app/","/app/"])");
  ASSERT_NE(requirements, std::string::npos) << text;
  ASSERT_NE(source, std::string::npos) << text;
  EXPECT_LT(requirements, install);
  EXPECT_LT(install, source);
  EXPECT_THAT(text, HasSubstr("FROM python:3.11-slim\n"));
  EXPECT_THAT(text, HasSubstr("CMD [\"python3\"]"));
}

TEST(Dockerfile, BringsTheWholeSourceFirstWhenRequirementsNameItsFiles) {
  const std::string text = generate_dockerfile(python(), "b", true);
  EXPECT_LT(text.find(R"(COPY ["app/","/app/"])"), text.find("pip install"));
  EXPECT_EQ(text.find(R"(COPY ["app/","/app/"])"), text.rfind(R"(COPY ["app/","/app/"])"));
}

TEST(Dockerfile, UsesPipConfInAStageOfItsOwnAlone) {
  StagedImage staged = python();
  staged.pip_conf = "/secret/pip.conf";
  const std::string text = generate_dockerfile(staged, "b", false);
  const auto last_stage = text.rfind("FROM ");
  EXPECT_LT(text.find("pip.conf"), last_stage);
  EXPECT_THAT(text.substr(last_stage), Not(HasSubstr("pip.conf")));
  EXPECT_THAT(text.substr(last_stage), Not(HasSubstr("pip install")));
  EXPECT_THAT(text.substr(last_stage), HasSubstr("COPY --from=packages [\"/packages/\", \"/\"]"));
  EXPECT_THAT(text, Not(HasSubstr("/secret")));
}

TEST(Dockerfile, NeedsNoPipWithoutRequirements) {
  StagedImage staged = python();
  staged.requirements.clear();
  staged.pip_conf = "/secret/pip.conf";
  EXPECT_THAT(generate_dockerfile(staged, "b", false), Not(HasSubstr("pip")));
}

TEST(Dockerfile, ClearsTheBasesEntryPointForACommandOfItsOwn) {
  StagedImage staged = python();
  EXPECT_THAT(generate_dockerfile(staged, "b", false), HasSubstr("ENTRYPOINT []\nCMD [\"python3\"]"));
  staged.command.clear();
  EXPECT_THAT(generate_dockerfile(staged, "b", false), Not(HasSubstr("ENTRYPOINT")));
}

TEST(Dockerfile, TakesNoInstructionFromAValue) {
  StagedImage staged = python();
  staged.environment = {"A=x\nRUN evil", "B=$HOME \"q\" \\"};
  staged.command = {"sh", "-c", "a\nRUN evil \"b\""};
  const std::string text = generate_dockerfile(staged, "b", false);
  EXPECT_THAT(text, Not(HasSubstr("\nRUN evil")));
  EXPECT_THAT(text, HasSubstr(R"(ENV B="\$HOME \"q\" \\")"));
}

TEST(Requirements, ThatNameOtherFilesAreSeen) {
  for (const char* text : {"-r other.txt", "six\n  -c limits.txt\n", "-e .", "./local", "--find-links wheels",
                           "/abs/x.whl", "x @ file:///y", "--no-index -f wheels", "wheels/x-1.0-py3-none-any.whl",
                           "x-1.0.tar.gz ; python_version > '3'", "six\r\n-rmore.txt\r\n"}) {
    EXPECT_TRUE(names_other_files(text)) << text;
  }
  for (const char* text : {"", "six==1.16.0\nidna>=3\n", "# -r other.txt", "--no-index", "x @ https://e/x.whl",
                           "six  # see -r other.txt", "--index-url https://e/simple\nsix"}) {
    EXPECT_FALSE(names_other_files(text)) << text;
  }
}

}  // namespace
}  // namespace liminal::build
