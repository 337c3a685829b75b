#include "content.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::build {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ContentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    image.name = "wine";
    image.type = model::ImageType::python;
    image.source = "source";
    image.source_folder = folder.path() / "source";
    options.cache = folder.path() / "cache";
  }
  Result<Content> read(Builder builder) { return read_content(outside.world(), image, builder, options); }

  testing::TemporaryFolder folder;
  testing::TestWorld outside;
  model::Image image;
  Options options;
};

TEST_F(ContentTest, RequirementsThatNeedABuildAreLeftToTheEngine) {
  folder.write("source/requirements.txt", "-e .\ngit+https://example.org/x.git\n");
  EXPECT_TRUE(read(Builder::docker).has_value());
  const auto refused = read(Builder::oci);
  ASSERT_FALSE(refused.has_value());
  ASSERT_EQ(refused.error().causes.size(), 2U);
  EXPECT_THAT(refused.error().causes[0], HasSubstr("requirements.txt:1: an editable requirement"));
}

// pip quotes the line that it cannot read.
TEST_F(ContentTest, AFileThatIsNoConfigurationOfPipsIsRefusedWithoutItsText) {
  folder.write("source/requirements.txt", "six==1.16.0\n");
  for (const char* text : {"eyJhbGci.TOKEN\n", "\n# c\n  TOKEN\n", "[global]\nTOKEN\n", "TOKEN=1\n", "[]\nTOKEN\n",
                           "[global]\n  TOKEN\n", "[global\nTOKEN = 1\n", "[global]\n=TOKEN\n"}) {
    image.pip_conf = "pip.conf";
    image.pip_conf_file = folder.write("pip.conf", text);
    for (const Builder builder : {Builder::docker, Builder::oci}) {
      const auto refused = read(builder);
      ASSERT_FALSE(refused.has_value()) << text;
      EXPECT_EQ(refused.error().kind, ErrorKind::usage);
      EXPECT_THAT(refused.error().message, HasSubstr("this is no configuration of pip's"));
      EXPECT_THAT(refused.error().message + refused.error().advice, Not(HasSubstr("TOKEN")));
    }
  }
}

TEST_F(ContentTest, AConfigurationOfPipsIsTaken) {
  folder.write("source/requirements.txt", "six==1.16.0\n");
  image.pip_conf = "pip.conf";
  image.pip_conf_file = folder.write("pip.conf",
                                     "# ours\n; too\n\n[global]\nindex-url = https://example.org/simple\r\n"
                                     "extra-index-url =\n  https://a.example.org\n\n  https://b.example.org\n"
                                     "timeout: 60\n[install]\nno-compile = yes\n");
  EXPECT_TRUE(read(Builder::docker).has_value());
  EXPECT_TRUE(read(Builder::oci).has_value());
}

TEST_F(ContentTest, TheKeyHangsOnRequirementsAndPipConfOfEitherBuilder) {
  for (const Builder builder : {Builder::docker, Builder::oci}) {
    image.pip_conf_file.clear();
    folder.write("source/requirements.txt", "numpy==1.0\n");
    const std::string first = read(builder)->key.text();
    folder.write("source/requirements.txt", "numpy==1.1\n");
    const std::string other_version = read(builder)->key.text();
    EXPECT_NE(other_version, first);
    image.pip_conf_file = folder.write("pip.conf", "[global]\nindex-url = https://one.example/\n");
    const std::string with_index = read(builder)->key.text();
    EXPECT_NE(with_index, other_version);
    folder.write("pip.conf", "[global]\nindex-url = https://two.example/\n");
    EXPECT_NE(read(builder)->key.text(), with_index);
    image.pip_conf_file = folder.path() / "missing";
    EXPECT_FALSE(read(builder).has_value());
  }
}

}  // namespace
}  // namespace liminal::build
