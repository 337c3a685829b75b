// Our own walk of the schema against valijson, a validator of all of JSON Schema: on the corpus, and on changed copies
// of it, both say of each file alike whether it fits.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include <gtest/gtest.h>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "liminal/schema/schema.hpp"

#include "schema/node_adapter.hpp"

namespace liminal::schema {
namespace {

namespace fs = std::filesystem;

class Agreement : public ::testing::Test {
 protected:
  Agreement() {
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(json_), schema_);
  }

  // Of a file that can be read. A placeholder is taken wherever it stands: what it will be is not known, and the schema
  // cannot say so of each value.
  void compare(const std::string& text) {
    DiagnosticList reading;
    const auto document = document::parse("liminal.yml", text, reading);
    if (!reading.items.empty() || document->root() == nullptr) return;
    ++compared_;
    valijson::Validator theirs;
    const bool fits = theirs.validate(schema_, NodeAdapter(*document->root()), nullptr);
    DiagnosticList found;
    validate(*document, found);
    const bool refused = std::any_of(found.items.begin(), found.items.end(),
                                     [](const Diagnostic& finding) { return finding.severity == Severity::error; });
    EXPECT_EQ(fits, !refused) << (found.items.empty() ? "" : found.items.front().message) << '\n' << text;
    (fits ? fitting_ : refused_) += 1;
  }

  nlohmann::json json_ = nlohmann::json::parse(text());
  valijson::Schema schema_;
  std::size_t compared_ = 0;
  std::size_t fitting_ = 0;
  std::size_t refused_ = 0;
};

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

TEST_F(Agreement, OnTheCorpus) {
  for (const std::string& text : corpus()) compare(text);
  EXPECT_GT(compared_, 9U);
}

// Another value or key in one line of a file.
std::string changed(std::string text, std::mt19937& random) {
  constexpr std::array<std::string_view, 17> values{"~",      "[]",   "{}",         "1",      "-1",        "3.5",
                                                    "yes",    "text", "2026-01-01", "python", "spark",     "[1]",
                                                    "{a: b}", "'1'",  "99999999",   "''",     "kubernetes"};
  constexpr std::array<std::string_view, 12> keys{"type",  "image",   "env",   "mounts",   "name", "pipeline",
                                                  "tasks", "volumes", "class", "replicas", "port", "timeout_minutes"};
  const std::size_t colon = text.find(": ", random() % (text.size() + 1));
  if (colon == std::string::npos) return text;
  if (random() % 3 == 0) {
    const std::size_t begin = text.find_last_of(" \n", colon) + 1;
    return text.replace(begin, colon - begin, keys[random() % keys.size()]);
  }
  const std::size_t end = std::min(text.find('\n', colon), text.size());
  return text.replace(colon + 2, end - colon - 2, values[random() % values.size()]);
}

TEST_F(Agreement, OnChangedCopiesOfTheCorpus) {
  const std::vector<std::string> texts = corpus();
  std::mt19937 random(7);
  for (int round = 0; round < 1500 && !HasFailure(); ++round) {
    std::string text = texts[random() % texts.size()];
    for (std::size_t left = 1 + random() % 3; left > 0; --left) text = changed(text, random);
    compare(text);
  }
  EXPECT_GT(fitting_, 100U);
  EXPECT_GT(refused_, 100U);
}

}  // namespace
}  // namespace liminal::schema
