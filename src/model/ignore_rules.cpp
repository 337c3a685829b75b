#include "liminal/model/ignore_rules.hpp"

#include <algorithm>
#include <array>

#include "liminal/base/path_pattern.hpp"

namespace liminal::model {

namespace {

constexpr std::array<std::string_view, 8> never_wanted_names = {
    ".git", "__pycache__", ".venv", ".liminal", ".DS_Store", ".ipynb_checkpoints", "node_modules", ".hg"};

bool is_never_wanted(std::string_view name) {
  return std::find(never_wanted_names.begin(), never_wanted_names.end(), name) != never_wanted_names.end();
}

// Or lies in one: no pattern takes back what is in .git.
bool is_leaving_of_a_tool(std::string_view path) {
  if (path.ends_with(".pyc") || path.ends_with(".pyo")) return true;
  for (std::size_t begin = 0;;) {
    const std::size_t slash = path.find('/', begin);
    if (is_never_wanted(path.substr(begin, slash - begin))) return true;
    if (slash == std::string_view::npos) return false;
    begin = slash + 1;
  }
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

IgnoreRules::IgnoreRules(std::string_view dockerignore) {
  if (dockerignore.starts_with("\xef\xbb\xbf")) dockerignore.remove_prefix(3);
  while (!dockerignore.empty()) {
    const auto end = dockerignore.find('\n');
    std::string_view line = trimmed(dockerignore.substr(0, end));
    dockerignore = end == std::string_view::npos ? std::string_view() : dockerignore.substr(end + 1);
    if (line.empty() || line.front() == '#') continue;
    Rule rule;
    if (line.front() == '!') {
      rule.exclude = false;
      only_excludes_ = false;
      line = trimmed(line.substr(1));
    }
    while (line.starts_with("./") || line.starts_with("/")) line.remove_prefix(line.front() == '/' ? 1 : 2);
    while (line.size() > 1 && line.back() == '/') line.remove_suffix(1);
    if (line.empty() || line.size() > 4096) continue;
    rule.pattern = line;
    rules_.push_back(std::move(rule));
  }
}

bool IgnoreRules::ignores(std::string_view path) const {
  if (is_leaving_of_a_tool(path)) return true;
  bool ignored = false;
  for (const Rule& rule : rules_) {
    bool matched = matches_pattern(rule.pattern, path);
    // A pattern that matches a folder matches what is below it.
    for (auto slash = path.find('/'); !matched && slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
      matched = matches_pattern(rule.pattern, path.substr(0, slash));
    }
    if (matched) ignored = rule.exclude;
  }
  return ignored;
}

Result<std::string> read_dockerignore(const FileSystem& files, const std::filesystem::path& folder) {
  constexpr std::uint64_t largest = 1U << 20U;
  const std::filesystem::path path = folder / ".dockerignore";
  return files.info(path) ? files.read(path, largest) : std::string();
}

}  // namespace liminal::model
