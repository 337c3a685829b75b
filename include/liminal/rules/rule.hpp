// Semantic rules. One rule is one file of src/rules; its documentation and its test are in its `Rule`.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "liminal/config/config.hpp"
#include "liminal/diagnostic/diagnostic.hpp"
#include "liminal/model/model.hpp"

namespace liminal::rules {

// What a rule may look at.
struct Subject {
  const World& world;
  const config::Project& project;
  std::span<const model::System> systems;
  bool check_files = true;  // whether source folders and scripts must exist
};

struct Rule {
  std::string_view id;  // kebab-case, never changed once released
  Severity severity = Severity::error;
  std::string_view summary;      // one sentence
  std::string_view explanation;  // Markdown, why it matters and what to do
  // A liminal.yml that has the finding; a line `# FOLDER/liminal.yml` or `# FOLDER/requirements.txt` begins another
  // file. Empty where no text can show it.
  std::string_view bad;
  std::string_view good;  // the same, mended
  // Reports what is wrong. Null for rules that another layer reports (yaml-syntax, schema): documentation only.
  void (*check)(const Subject& subject, DiagnosticSink& findings) = nullptr;
};

// Every rule, by id.
[[nodiscard]] std::span<const Rule* const> all();
[[nodiscard]] const Rule* find(std::string_view id);

}  // namespace liminal::rules
