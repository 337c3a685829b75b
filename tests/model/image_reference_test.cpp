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
}

TEST(ImageReference, RefusesWhatNoRegistryTakes) {
  for (const char* text : {"", "Wine", "wine:", "wine:a b", "a//b", "-a", "a___b", "../x", "wine@sha256:12", "a\nb"}) {
    EXPECT_FALSE(ImageReference::parse(text)) << text;
  }
}

}  // namespace
}  // namespace liminal::model
