// What of an image's pip_conf pip is given.
#include "pip_configuration.hpp"

#include <gmock/gmock.h>

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::build {
namespace {

using ::testing::HasSubstr;

Result<std::string> read(const std::string& text) {
  const testing::TemporaryFolder folder;
  testing::TestWorld world;
  return read_pip_configuration(world.world(), folder.write("pip.conf", text));
}

TEST(PipConfiguration, SaysWherePackagesComeFromAndNothingElse) {
  const auto text = read(
      "# ours\n[global]\nIndex_URL = https://example.com/simple\nextra-index-url =\n  https://a.example.com\n"
      "  https://b.example.com\nlog = /tmp/log\ntarget =\n  /etc\n\n[install]\n--timeout: 5\n");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text,
            "[global]\nIndex_URL = https://example.com/simple\nextra-index-url =\n  https://a.example.com\n"
            "  https://b.example.com\n[install]\n--timeout: 5\n");
}

TEST(PipConfiguration, BringsInNoRequirementsOfOtherFiles) {
  for (const char* line : {"requirement = /etc/passwd", "CONSTRAINT: x", "editable=.", "build_constraint = x"}) {
    const auto text = read(std::string("[global]\nno-index = true\n") + line + "\n");
    ASSERT_FALSE(text) << line;
    EXPECT_THAT(text.error().message, HasSubstr("pip.conf:3: `"));
    EXPECT_THAT(text.error().message, HasSubstr("is not taken from an image's pip_conf"));
    EXPECT_EQ(text.error().message.find("passwd"), std::string::npos);
  }
}

TEST(PipConfiguration, IsNoOtherFile) {
  for (const char* text : {"password: x\n", "[global]\njust words\n", "[global\nindex-url = x\n"}) {
    const auto read_as_one = read(text);
    ASSERT_FALSE(read_as_one) << text;
    EXPECT_THAT(read_as_one.error().message, HasSubstr("this is no configuration of pip's"));
  }
}

}  // namespace
}  // namespace liminal::build
