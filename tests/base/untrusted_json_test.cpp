#include "liminal/base/untrusted_json.hpp"

#include <string>

#include <gtest/gtest.h>

namespace liminal {
namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(UntrustedJson, IsReadAsFarAsItNestsSanely) {
  EXPECT_TRUE(parse_json(nested(200)));
  EXPECT_FALSE(parse_json(nested(201)));
  EXPECT_FALSE(parse_json(nested(1'000'000)));
  EXPECT_FALSE(parse_json("[["));
  EXPECT_TRUE(parse_json("[" + nested(100) + "," + nested(150) + "]")) << "one beside the other is not deeper";
}

TEST(UntrustedJson, CountsNoBracketsOfTexts) {
  const std::string brackets(1000, '[');
  EXPECT_EQ(parse_json("\"\\\"" + brackets + "\"")->get<std::string>(), "\"" + brackets);
}

}  // namespace
}  // namespace liminal
