#include "liminal/base/checkout.hpp"

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace liminal {
namespace {

namespace fs = std::filesystem;

TEST(RealPlace, FollowsLinksToWhatIsNotThereYet) {
  const testing::TemporaryFolder folder;
  const fs::path root = folder.path() / "root";
  folder.write("root/file", "x");
  fs::create_symlink("../new", root / "dangling");
  fs::create_symlink("dangling", root / "chain");
  fs::create_symlink("loop", root / "loop");
  EXPECT_TRUE(lies_beneath(root, root / "file"));
  EXPECT_TRUE(lies_beneath(root, root / "not/there"));
  EXPECT_FALSE(lies_beneath(root, root / "dangling"));
  EXPECT_FALSE(lies_beneath(root, root / "dangling/below"));
  EXPECT_FALSE(lies_beneath(root, root / "chain"));
  EXPECT_FALSE(lies_beneath(root, root / "loop"));
  EXPECT_FALSE(lies_beneath(root, root / "../root-two"));
  EXPECT_EQ(real_place(root / "chain").filename(), "new");
}

}  // namespace
}  // namespace liminal
