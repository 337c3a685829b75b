#include "liminal/model/image_reference.hpp"

#include <gtest/gtest.h>

namespace liminal::model {
namespace {

TEST(ImageReference, ReadsRegistryRepositoryTagAndDigest) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  const auto full = ImageReference::parse("localhost:5000/team/wine:1.0@" + digest);
  ASSERT_TRUE(full);
  EXPECT_EQ(full->registry, "localhost:5000");
  EXPECT_EQ(full->repository, "team/wine");
  EXPECT_EQ(full->tag, "1.0");
  EXPECT_EQ(full->digest, digest);
  EXPECT_EQ(full->text(), "localhost:5000/team/wine:1.0@" + digest);
  EXPECT_EQ(ImageReference::parse("team/wine")->registry, "");
  EXPECT_EQ(ImageReference::parse("[::1]:65535/wine")->registry, "[::1]:65535");
  EXPECT_EQ(ImageReference::parse("[::1]/wine")->registry, "[::1]");
}

TEST(ImageReference, RefusesWhatNoRegistryTakes) {
  for (const char* text :
       {"", "Wine", "wine:", "wine:a b", "a//b", "-a", "a___b", "../x", "wine@sha256:12", "a\nb", "reg.example.com:/a",
        "reg.example.com:0/a", "reg.example.com:65536/a", "reg.example.com:x/a", "a:1:2/b", "[::1]:99999/a"}) {
    EXPECT_FALSE(ImageReference::parse(text)) << text;
  }
}

}  // namespace
}  // namespace liminal::model
