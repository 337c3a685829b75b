// The rules' documentation is whole: docs/rules.md is what the rules say, and every id that a finding can have is
// there.
#include "liminal/rules/reference.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include <gtest/gtest.h>

namespace liminal::rules {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::set<std::string> matches_in(const std::string& layer, const std::string& pattern) {
  std::set<std::string> found;
  const std::regex expression(pattern);
  for (const auto& entry : fs::directory_iterator(fs::path(LIMINAL_SOURCE_DIR) / "src" / layer)) {
    if (!entry.is_regular_file()) continue;
    const std::string text = text_of(entry.path());
    for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match)
      found.insert((*match)[1]);
  }
  return found;
}

TEST(RuleReference, PageInTheTreeIsUpToDate) {
  EXPECT_EQ(text_of(fs::path(LIMINAL_SOURCE_DIR) / "docs/rules.md"), markdown_page(all()))
      << "write it anew: liminal explain --format markdown > docs/rules.md";
}

// In the layers that report by id every literal of an id's form is one.
TEST(RuleReference, EveryIdOfAFindingHasAnEntry) {
  const std::set<std::string> other_words{"site-packages"};
  std::set<std::string> emitted;
  for (const char* layer : {"document", "config", "schema"}) {
    emitted.merge(matches_in(layer, R"re("([a-z]+(?:-[a-z]+)+)")re"));
    emitted.merge(matches_in(layer, R"re((?:\(|, )"([a-z]+)", (?:Severity|\w*begin|\w*fault))re"));
  }
  for (const auto& layer : fs::directory_iterator(fs::path(LIMINAL_SOURCE_DIR) / "src")) {
    if (layer.is_directory()) emitted.merge(matches_in(layer.path().filename().string(), R"re(\brule = "([^"]*)")re"));
  }
  EXPECT_GT(emitted.size(), 20U);
  for (const std::string& id : emitted) {
    if (other_words.contains(id)) continue;
    EXPECT_NE(find(id), nullptr) << id;
  }
}

TEST(RuleReference, SectionShowsControlCharactersAsEscapes) {
  const std::string section = markdown_section(*find("encoding"));
  EXPECT_EQ(section.find('\x07'), std::string::npos);
  EXPECT_NE(section.find("\\x07"), std::string::npos);
}

TEST(RuleReference, JsonHasEveryRule) {
  const Json list = json_reference(all());
  ASSERT_EQ(list.size(), all().size());
  EXPECT_EQ(list[0]["id"], all()[0]->id);
  EXPECT_EQ(list[0]["severity"], "error");
}

}  // namespace
}  // namespace liminal::rules
