// `liminal resolve` for people: YAML as one writes it, which reads back as what was resolved.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/repository.hpp"

namespace liminal::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ResolvedText, IsWhatAPersonWouldWrite) {
  Repository repository(
      "name: shop\nvariables: {mode: fast, note: 'it: is', answer: 'yes', version: '3.10', when: 2026-01-01}\n"
      "services:\n  - service: api\n    image: i\n    endpoints: [{endpoint: /a, module: m, function: f}]\n");
  const std::string text = resolved_text(repository.resolve());
  EXPECT_THAT(text, HasSubstr("variables:\n  mode: fast\n  note: 'it: is'\n  answer: 'yes'\n  version: '3.10'\n"
                              "  when: 2026-01-01\n"));
  EXPECT_THAT(text, HasSubstr("services:\n  - service: api\n    image: i\n    endpoints:\n      - endpoint: /a\n"
                              "        module: m\n        function: f\n"));
  EXPECT_THAT(text, Not(HasSubstr("-\n")));
}

TEST(ResolvedText, TellsWhereAValueOfAnotherFileComesFrom) {
  Repository repository(std::map<std::string, std::string>{{"team/liminal.yml", "name: team\ntype: super\nowner: us\n"},
                                                           {"shop/liminal.yml", "name: shop\nsuper: team\n"}});
  const std::string text = resolved_text(repository.resolve());
  EXPECT_THAT(text, HasSubstr("liminal.yml:3\n"));
  EXPECT_THAT(text, HasSubstr("type: kubernetes  # built in\n"));
  EXPECT_THAT(text, HasSubstr("name: shop\n"));
}

TEST(ResolvedText, KeepsTextsOfSeveralLinesAndStrangeOnesExactly) {
  Repository repository(
      "name: shop\nvariables:\n  script: |\n    set -e\n\n    echo: hi # there\n  kept: |+\n    a\n\n"
      "  strange: \"\\x07 \\u2028 \\u0085 \\uFEFF\"\n  blank: ' a '\n  empty: ''\n  merge: '<<'\n  number: '1e3'\n"
      "  indicator: '- a'\n  ends: 'a:'\n  list: [[a, [b]], {}, [], ~]\n  \"k: e\\ny\": v\n");
  repository.resolve();
  EXPECT_THAT(resolved_text(repository.systems), HasSubstr("script: |\n    set -e\n\n    echo: hi # there\n"));
  EXPECT_EQ(read_back(repository.systems.at(0)), repository.systems.at(0).resolved->json());
}

TEST(ResolvedText, ReadsBackForEveryFolderOfTheCorpus) {
  testing::TestWorld outside;
  const World world = outside.world();
  std::size_t systems = 0;
  for (const auto& folder : std::filesystem::directory_iterator(std::string(LIMINAL_SOURCE_DIR) + "/tests/corpus")) {
    if (!folder.is_directory()) continue;
    DiagnosticList findings;
    const auto files = discover(world, folder.path(), {folder.path()});
    const Project project = load(world, files.value(), findings);
    for (const model::System& system : resolve(world, project, {}, findings)) {
      EXPECT_EQ(read_back(system), system.resolved->json()) << folder.path();
      ++systems;
    }
  }
  EXPECT_GE(systems, 9U);
}

TEST(ResolvedText, WhatIsShownWithEscapesStandsInDoubleQuotes) {
  Repository repository("name: shop\nvariables: {a: '##vso[x]', b: plain}\n");
  const std::string text =
      resolved_text(repository.resolve(), [](std::string_view value) { return value.find('#') == std::string::npos; });
  EXPECT_THAT(text, HasSubstr("  a: \"##vso[x]\"\n  b: plain\n"));
}

TEST(ResolvedText, AFileNameCannotAddLines) {
  Repository repository(std::map<std::string, std::string>{{"a\nb: c\n/liminal.yml", "name: shop\n"}});
  EXPECT_THAT(resolved_text(repository.resolve()), Not(HasSubstr("\nb: c")));
}

}  // namespace
}  // namespace liminal::config
