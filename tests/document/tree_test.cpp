#include <thread>

#include <gtest/gtest.h>

#include "document/reading.hpp"

namespace liminal::document {
namespace {

TEST(Tree, AnEmptyFileHasNoRoot) {
  for (const std::string text : {"", "# only a comment\n", "---\n", "\n\n"}) {
    const Reading reading = read(text);
    EXPECT_EQ(reading.document->root(), nullptr) << text;
    EXPECT_EQ(reading.found(), "") << text;
  }
}

TEST(Tree, DuplicateKeysAreReportedAndTheLastCounts) {
  const Reading reading = read("a: 1\nb: {c: 1, c: 2}\na: 3\n");
  EXPECT_EQ(reading.found(), "duplicate-key@2:11 duplicate-key@3:1");
  EXPECT_EQ(reading.findings[1].related.at(0).location.range.begin, (Position{1, 1}));
  EXPECT_EQ(reading.json(), R"({"a":3,"b":{"c":2}})");
}

TEST(Tree, MergeKeysBringWhatIsNotThere) {
  const Reading reading = read(
      "base: &base {x: 1, y: 2}\n"
      "other: &other {x: 7, z: 3}\n"
      "one: {<<: *base, x: 9}\n"
      "two:\n  <<: [*base, *other]\n  w: 0\n"
      "nested: &n\n  <<: *base\n"
      "three: {<<: *n}\n"
      "quoted: {'<<': 1}\n");
  EXPECT_EQ(reading.found(), "");
  const Json json = Value::of(reading.root()).json();
  EXPECT_EQ(json["one"]["x"], 9);
  EXPECT_EQ(json["one"]["y"], 2);
  EXPECT_EQ(json["two"]["x"], 1);
  EXPECT_EQ(json["two"]["z"], 3);
  EXPECT_EQ(json["three"]["y"], 2);
  EXPECT_EQ(json["quoted"]["<<"], 1);
  EXPECT_FALSE(json["one"].contains("<<"));
}

TEST(Tree, OnlyMapsCanBeMerged) {
  EXPECT_EQ(read("a: {<<: 1}\n").found(), "yaml-syntax@1:9");
  EXPECT_EQ(read("a: {<<: [1]}\n").found(), "yaml-syntax@1:10");
}

TEST(Tree, EscapesAreThoseOfYaml) {
  const Reading reading = read("v: \"\\N\\_\\L\\P\\e\\0\"");
  EXPECT_EQ(reading.root().find("v")->scalar, std::string_view("\xc2\x85\xc2\xa0\xe2\x80\xa8\xe2\x80\xa9\x1b\0", 12));
}

TEST(Tree, MayBeReadFromSeveralThreads) {
  const Reading reading = read("a: 1\nb: [1, 2]\nc: \"x\\ty\"\n");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const Node& node = *reading.root().find("c");
      EXPECT_EQ(reading.document->range_within(node, 2, 3).begin, (Position{3, 8}));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Tree, FilesMayBeReadInParallel) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int j = 0; j < 50; ++j) {
        const std::string number = std::to_string(i * 1000 + j);
        EXPECT_EQ(read("v: {a: [" + number + "]}").json(), "{\"v\":{\"a\":[" + number + "]}}");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace liminal::document
