#include "../../src/run/container_user.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::run {
namespace {

class ContainerUserTest : public ::testing::Test {
 protected:
  ContainerUserTest() {
    write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nspark:x:185:185::/opt/spark:/bin/sh\n");
    write("etc/group", "root:x:0:\nusers:x:100:spark\n");
  }
  void write(const char* path, const char* text) { ASSERT_TRUE(parts.files.write(folder.path() / path, text, 0644)); }
  Result<ContainerUser> find(const std::string& text) { return find_user(parts.world(), text, folder.path()); }

  testing::TemporaryFolder folder;
  testing::TestWorld parts;
};

TEST_F(ContainerUserTest, IsRootWhenTheImageNamesNone) {
  EXPECT_EQ(find("")->user, 0U);
  EXPECT_EQ(find("root")->home, "/root");
}

TEST_F(ContainerUserTest, IsFoundByNameAndByNumber) {
  for (const char* text : {"spark", "185"}) {
    const auto user = find(text);
    ASSERT_TRUE(user) << text;
    EXPECT_EQ(user->user, 185U);
    EXPECT_EQ(user->group, 185U);
    EXPECT_EQ(user->home, "/opt/spark");
  }
  EXPECT_EQ(find("spark:users")->group, 100U);
  EXPECT_EQ(find("1000:2000")->user, 1000U);
  EXPECT_EQ(find("1000:2000")->group, 2000U);
  EXPECT_EQ(find("1000")->group, 0U);
}

TEST_F(ContainerUserTest, IsAnErrorWhenTheImageDoesNotKnowIt) {
  EXPECT_FALSE(find("nobody-here"));
  EXPECT_FALSE(find("spark:none"));
  EXPECT_FALSE(find("-1"));
}

TEST_F(ContainerUserTest, IsNotLookedUpOutsideOfTheImage) {
  std::filesystem::remove(folder.path() / "etc/passwd");
  std::filesystem::create_symlink("/etc/passwd", folder.path() / "etc/passwd");
  EXPECT_FALSE(find("daemon"));
}

}  // namespace
}  // namespace liminal::run
