#include "liminal/base/quantity.hpp"

#include <gtest/gtest.h>

namespace liminal {
namespace {

TEST(Quantity, IsReadAsKubernetesDoes) {
  EXPECT_EQ(parse_quantity("2"), 2);
  EXPECT_EQ(parse_quantity("+1.5"), 1.5L);
  EXPECT_EQ(parse_quantity("-1"), -1);
  EXPECT_EQ(parse_quantity(".5"), 0.5L);
  EXPECT_EQ(parse_quantity("1e3"), 1000);
  EXPECT_EQ(parse_quantity("1E"), 1e18L);
  EXPECT_EQ(parse_quantity("1k"), 1000);
  EXPECT_EQ(parse_quantity("2Gi"), 2147483648.0L);
  EXPECT_EQ(parse_quantity("250m"), 0.25L);
  EXPECT_EQ(parse_quantity("100m"), parse_quantity("0.1"));
}

TEST(Quantity, WhatKubernetesRefusesIsNone) {
  for (const char* text : {"1e3Gi", "1e3m", "1E3k"}) EXPECT_FALSE(parse_quantity(text)) << text;
  for (const char* text : {"", " 1", "1 ", "10GB", "1K", "Gi", "inf", "nan", "1e", "0x10", "1,5", "++1", "+-1"})
    EXPECT_FALSE(parse_quantity(text)) << text;
}

}  // namespace
}  // namespace liminal
