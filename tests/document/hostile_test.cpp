// Input that is meant to hurt: it ends in a finding, soon, and never in a crash.
#include <chrono>

#include <gtest/gtest.h>

#include "document/reading.hpp"

namespace liminal::document {
namespace {

std::string repeated(const std::string& text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

TEST(HostileInput, AliasBombsAreRefused) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(before + ", ", 9) + before + "]\n";
  }
  const Reading reading = read(bomb);
  ASSERT_EQ(reading.findings.size(), 1U);
  EXPECT_EQ(reading.findings[0].rule, "alias-bomb");
}

TEST(HostileInput, MergeBombsAreRefused) {
  std::string bomb = "m0: &m0 {";
  for (int i = 0; i < 2000; ++i) bomb += "k" + std::to_string(i) + ": 1, ";
  bomb += "}\n";
  for (int i = 1; i < 3000; ++i) {
    bomb += "m" + std::to_string(i) + ": &m" + std::to_string(i) + " {<<: *m" + std::to_string(i - 1) + "}\n";
  }
  const Reading reading = read(bomb);
  ASSERT_FALSE(reading.findings.empty());
  EXPECT_EQ(reading.findings[0].rule, "alias-bomb");
}

TEST(HostileInput, DeepNestingIsRefused) {
  constexpr std::size_t levels = 20'000;
  std::string block;
  for (std::size_t i = 0; i < 2000; ++i) block += std::string(i, ' ') + "a:\n";
  for (const std::string& text :
       {repeated("[", levels), repeated("{", levels), repeated("{a: ", levels), repeated("- ", levels),
        repeated("? ", levels), "a: " + repeated("[", levels), "a: " + repeated("[{x: ", levels), block}) {
    EXPECT_FALSE(read(text).findings.empty()) << text.substr(0, 20);
  }
}

TEST(HostileInput, TakesTimeInProportionToItsSize) {
  std::string keys;
  for (int i = 0; i < 40'000; ++i) keys += "k" + std::to_string(i) + ": v\n";
  for (const std::string& text :
       {keys, repeated("[", 1 << 18), repeated("a", 1 << 18), "a: \"" + repeated("\\n", 1 << 17) + "\"",
        repeated("- \n", 1 << 16), repeated("\n", 1 << 18), repeated("a: ", 1 << 16), repeated("&a ", 1 << 16),
        repeated("!", 1 << 16), "a: |\n" + repeated("\n", 1 << 18), "a: '" + repeated("\n", 1 << 18),
        "a: [" + repeated("x, ", 1 << 16) + "]", "[" + repeated("x, ", 1 << 16) + "]"}) {
    const auto begin = std::chrono::steady_clock::now();
    const Reading reading = read(text);
    if (reading.document->root() != nullptr) (void)Value::of(reading.root()).json();
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(took, std::chrono::seconds(20)) << text.substr(0, 20);
  }
}

TEST(HostileInput, AFileThatIsTooLargeIsRefused) {
  EXPECT_EQ(read("a: 12345\n", {.bytes = 4}).found(), "yaml-syntax@1:1");
}

}  // namespace
}  // namespace liminal::document
