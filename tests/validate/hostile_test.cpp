// Files that are made to hurt, from a fixed seed: validation ends soon, with findings that stand where they say, in
// words of ours.
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/config/resolved.hpp"
#include "liminal/validate/validate.hpp"

#include "support/as_nobody.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal {
namespace {

namespace fs = std::filesystem;

class HostileFile : public ::testing::Test {
 protected:
  std::vector<Diagnostic> validate_text(const std::string& text) {
    folder_.write("liminal.yml", text);
    const World world = world_.world(2);
    const auto files = config::discover(world, folder_.path(), {folder_.path()});
    const validate::Validation validation = validate::validate(world, files.value(), {}).value();
    (void)config::resolved_text(validation.systems);
    (void)config::resolved_json(validation.systems).dump(-1, ' ', false, Json::error_handler_t::replace);
    const auto lines = 1 + std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; });
    for (const Diagnostic& finding : validation.findings) check(finding, text, static_cast<std::uint32_t>(lines));
    return validation.findings;
  }

 private:
  static void check(const Diagnostic& finding, const std::string& text, std::uint32_t lines) {
    EXPECT_NE(rules::find(finding.rule), nullptr) << finding.rule;
    EXPECT_FALSE(finding.message.empty()) << finding.rule;
    // yaml-cpp's and valijson's own words
    for (const char* words : {"yaml-cpp", "end of map", "end of sequence", "bad conversion", "illegal", "Failed to"}) {
      EXPECT_EQ(finding.message.find(words), std::string::npos) << finding.message;
    }
    const Range& range = finding.location.range;
    EXPECT_LE(range.begin, range.end) << finding.rule << ' ' << text.substr(0, 200);
    EXPECT_LE(range.end.line, lines) << finding.rule;
  }

  testing::TemporaryFolder folder_;
  testing::TestWorld world_;
};

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  result.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

std::vector<std::string> corpus() {
  std::vector<std::string> texts;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(LIMINAL_SOURCE_DIR) / "tests/corpus")) {
    if (entry.path().extension() != ".yml" && entry.path().extension() != ".yaml") continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

TEST(HostileFolder, AFileThatMayNotBeReadIsReported) {
  const testing::TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  const fs::path file = folder.write("liminal.yml", "name: shop\n");
  fs::permissions(file, fs::perms::none);
  testing::TestWorld outside;
  const World world = outside.world();
  const testing::AsNobody nobody;
  const auto findings = validate::validate(world, {{file, "liminal.yml"}}, {}).value().findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, "unreadable-file");
  EXPECT_THAT(findings[0].message, ::testing::HasSubstr("Permission denied"));
}

// What was found until then may lack what makes the difference.
TEST(ValidationThatIsCancelled, HasNoVerdict) {
  const testing::TemporaryFolder folder;
  const auto file = folder.write("liminal.yml", "name: x\n");
  testing::TestWorld machine;
  machine.cancellation.request(SIGTERM);
  const auto validation = validate::validate(machine.world(), {{file, "liminal.yml"}}, {});
  ASSERT_FALSE(validation);
  EXPECT_EQ(validation.error().kind, ErrorKind::interrupted);
}

TEST(HostileFolder, AFileThatChangesWhileItIsReadIsReadAsOneOfWhatItWas) {
  const testing::TemporaryFolder folder;
  const fs::path file = folder.write("liminal.yml", "name: shop\n");
  std::atomic<bool> done{false};
  std::jthread writer([&] {
    for (std::size_t i = 0; !done; ++i) std::ofstream(file, std::ios::binary) << repeated("owner: me\n", i % 2000);
  });
  testing::TestWorld outside;
  const World world = outside.world();
  for (int round = 0; round < 40; ++round) {
    const auto validation = validate::validate(world, {{file, "liminal.yml"}}, {});
    for (const Diagnostic& finding : validation.value().findings)
      EXPECT_NE(finding.rule, "encoding") << finding.message;
  }
  done = true;
}

// Small changes to real files, as a slip or an attacker makes them.
void mutate(std::string& text, std::mt19937& random) {
  constexpr std::array<std::string_view, 36> pieces{"{{",
                                                    "}}",
                                                    "{",
                                                    "}",
                                                    "[",
                                                    "]",
                                                    "\"",
                                                    "'",
                                                    "|",
                                                    ">",
                                                    "&a ",
                                                    "*a",
                                                    "<<:",
                                                    "- ",
                                                    ": ",
                                                    ":",
                                                    "\t",
                                                    "\n",
                                                    "\r\n",
                                                    "#",
                                                    "!",
                                                    "!!int ",
                                                    "%",
                                                    "---\n",
                                                    "~",
                                                    "\\x0z",
                                                    "@",
                                                    "\xff",
                                                    "\xc3",
                                                    "",
                                                    "\xF0\x9F",
                                                    "? ",
                                                    ", ",
                                                    "\xEF\xBB\xBF",
                                                    "depends_on: ",
                                                    "0x"};
  if (text.empty()) text = "name: x\n";
  const std::size_t at = random() % text.size();
  switch (random() % 5) {
    case 0:
      text.insert(at, pieces[random() % pieces.size()]);
      break;
    case 1:
      text.erase(at, 1 + random() % 20);
      break;
    case 2:
      text[at] = static_cast<char>(random() % 256);
      break;
    case 3:
      text.insert(at, text.substr(random() % text.size(), random() % 60));
      break;
    default:
      text.resize(at);
  }
}

TEST_F(HostileFile, ChangedFilesOfTheCorpusAreReadToTheEndOrRefused) {
  const std::vector<std::string> texts = corpus();
  ASSERT_GT(texts.size(), 9U);
  std::mt19937 random(20260102);
  for (int round = 0; round < 600; ++round) {
    std::string text = texts[random() % texts.size()];
    for (std::size_t left = 1 + random() % 4; left > 0; --left) mutate(text, random);
    (void)validate_text(text);
    if (HasFailure()) FAIL() << "round " << round << ":\n" << text;
  }
}

TEST_F(HostileFile, RandomBytesAreReadToTheEndOrRefused) {
  constexpr std::string_view alphabet = "{}[]:,-?&*!|>'\"%@`# \n\t\rab01~<=.\\/\xC3\xA4";
  std::mt19937 random(42);
  for (int round = 0; round < 600; ++round) {
    std::string text;
    for (std::size_t left = random() % 200; left > 0; --left) text += alphabet[random() % alphabet.size()];
    (void)validate_text(text);
    if (HasFailure()) FAIL() << "round " << round << ":\n" << text;
  }
}

struct Attack {
  std::string name;
  std::string text;
  std::string rule;  // that the file must have; empty: it is a good file
};

std::string keys(std::size_t count) {
  std::string text = "name: shop\n";
  for (std::size_t i = 0; i < count; ++i) text += "k" + std::to_string(i) + ": v\n";
  return text;
}

std::string tasks(std::size_t count) {
  std::string text =
      "name: shop\nimages: [{image: i, type: python}]\npipelines:\n- pipeline: p\n  start_date: 2026-01-01\n"
      "  timeout_minutes: 3\n  tasks:\n";
  for (std::size_t i = 0; i < count; ++i)
    text += "  - {task: t" + std::to_string(i) + ", type: python, image: i, cmd: echo}\n";
  return text;
}

// As many names as references to others: each of those is compared with many of the names.
std::string names(std::size_t count, const std::string& of_tasks, const std::string& of_services) {
  const auto each = [&](const auto& line) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += line(std::to_string(i));
    return text;
  };
  return "name: shop\nimages:\n" +
         each([](const std::string& i) { return "- {image: known-image-" + i + ", type: python}\n"; }) + "services:\n" +
         each([&](const std::string& i) { return "- {service: s" + i + ", image: '" + of_services + i + "'}\n"; }) +
         "pipelines:\n- pipeline: p\n  start_date: 2026-01-01\n  timeout_minutes: 3\n  tasks:\n" +
         each([&](const std::string& i) {
           return "  - {task: t" + i + ", type: python, image: '" + of_tasks + i + "', cmd: echo}\n";
         });
}

std::vector<Attack> attacks() {
  using namespace std::string_literals;
  return {
      {"nul", "name: a\0b\n"s, "encoding"},
      {"no_utf8", "name: \xff\xfe\n", "encoding"},
      {"cut_utf8", "name: a\nowner: \xc3(\n", "encoding"},
      {"utf16_little", "\xff\xfen\0a\0m\0e\0"s, "encoding"},
      {"utf16_big", "\xfe\xff\0n\0a\0m\0e"s, "encoding"},
      {"utf32", "\xff\xfe\0\0n\0\0\0"s, "encoding"},
      {"byte_order_mark", "\xEF\xBB\xBFname: shop\n", ""},
      {"crlf", "name: shop\r\nowner: me\r\n", ""},
      {"carriage_returns_alone", "name: shop\rowner: me\r", "encoding"},
      {"tab", "name: shop\n\towner: me\n", "yaml-syntax"},
      {"escape_sequence", "name: \"\x1b]0;title\"\n", "encoding"},
      {"deep_lists", "name: " + repeated("[", 100'000), "yaml-syntax"},
      {"deep_closed_lists", "name: " + repeated("[", 100'000) + repeated("]", 100'000) + "\n", "yaml-syntax"},
      {"deep_maps", repeated("{a: ", 100'000), "yaml-syntax"},
      {"deep_dashes", repeated("- ", 100'000) + "a\n", "yaml-syntax"},
      {"deep_keys", repeated("? ", 100'000) + "a\n", "yaml-syntax"},
      {"many_documents", repeated("---\na: b\n", 100'000), "several-documents"},
      {"many_comments", repeated("# c\n", 500'000), "empty-file"},
      {"many_blanks", repeated(" ", 2'000'000), "empty-file"},
      {"one_long_name", "name: " + repeated("a", 2'000'000) + "\n", ""},
      {"one_long_line_of_errors", "name: shop\nimages: [" + repeated("{imag: x},", 50'000) + "]\n",
       "too-many-findings"},
      {"many_errors", "name: shop\nimages:\n" + repeated("- {imag: x}\n", 20'000), "too-many-findings"},
      {"many_duplicate_keys", "name: shop\n" + repeated("a: 1\n", 50'000), "duplicate-key"},
      {"many_unknown_keys", keys(50'000), "too-many-findings"},
      {"many_tasks", tasks(10'000), ""},
      {"many_unknown_images", names(10'000, "elsewhere/image:", "zz-"), "too-many-findings"},
      {"many_images_elsewhere", names(10'000, "elsewhere/image:", "elsewhere/other:"), ""},
      {"many_placeholders", "name: shop\nvariables: {v: x, y: '" + repeated("{{v}}", 200'000) + "'}\n", ""},
      {"many_open_braces", "name: shop\nvariables: {y: '" + repeated("{{", 500'000) + "'}\n", ""},
      {"many_percents", repeated("%\n", 20'000), "yaml-syntax"},
      {"long_number", "name: shop\nvariables: {x: " + repeated("9", 200'000) + "}\n", ""},
  };
}

class Attacks : public HostileFile, public ::testing::WithParamInterface<Attack> {};

TEST_P(Attacks, AreRefusedOrReadInTime) {
  const auto began = std::chrono::steady_clock::now();
  const std::vector<Diagnostic> findings = validate_text(GetParam().text);
  // Far more than it takes without a sanitizer, and far less than what grows by the square.
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(40));
  EXPECT_LE(findings.size(), most_mistakes_of_a_file + 1);
  if (GetParam().rule.empty()) {
    EXPECT_TRUE(findings.empty()) << findings.front().message;
  } else {
    const auto has_rule = [](const Diagnostic& finding) { return finding.rule == GetParam().rule; };
    EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), has_rule));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, Attacks, ::testing::ValuesIn(attacks()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace liminal
