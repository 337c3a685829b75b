#include "liminal/base/byte_size.hpp"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace liminal {
namespace {

TEST(ByteSize, IsInTheLargestUnitThereIsOneOf) {
  EXPECT_EQ(byte_size(0), "0 bytes");
  EXPECT_EQ(byte_size(1), "1 byte");
  EXPECT_EQ(byte_size(1023), "1023 bytes");
  EXPECT_EQ(byte_size(1024), "1 KiB");
  EXPECT_EQ(byte_size(1536), "1.5 KiB");
  EXPECT_EQ(byte_size(64U << 20), "64 MiB");
  EXPECT_EQ(byte_size((1U << 20) - 1), "1023.9 KiB");
  EXPECT_EQ(byte_size(std::numeric_limits<std::uint64_t>::max()), "15.9 EiB");
}

}  // namespace
}  // namespace liminal
