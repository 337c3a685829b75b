#include "ignore_rules.hpp"

#include <array>

namespace liminal::build {

namespace {

constexpr std::array<std::string_view, 8> never_wanted_names = {
    ".git", "__pycache__", ".venv", ".liminal", ".DS_Store", ".ipynb_checkpoints", "node_modules", ".hg"};

bool is_leaving_of_a_tool(std::string_view path) {
  const auto slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  for (const std::string_view unwanted : never_wanted_names) {
    if (name == unwanted) return true;
  }
  return name.ends_with(".pyc") || name.ends_with(".pyo");
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// One character of the pattern against one of the path; `length` gets the pattern's length of it.
bool matches_one(std::string_view pattern, char c, std::size_t& length) {
  length = 1;
  if (pattern.front() == '?') return c != '/';
  if (pattern.front() == '\\' && pattern.size() > 1) {
    length = 2;
    return pattern[1] == c;
  }
  const auto close = pattern.front() == '[' ? pattern.find(']', 2) : std::string_view::npos;
  if (close == std::string_view::npos) return pattern.front() == c;
  length = close + 1;
  std::string_view set = pattern.substr(1, close - 1);
  const bool negated = set.front() == '^' || set.front() == '!';
  if (negated) set.remove_prefix(1);
  bool found = false;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (i + 2 < set.size() && set[i + 1] == '-') {
      found = found || (set[i] <= c && c <= set[i + 2]);
      i += 2;
    } else {
      found = found || set[i] == c;
    }
  }
  return found != negated && c != '/';
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view path) {
  // reached[i]: the pattern so far matches the first i characters of the path.
  std::vector<char> reached(path.size() + 1, 0);
  reached[0] = 1;
  while (!pattern.empty()) {
    std::vector<char> next(path.size() + 1, 0);
    std::size_t length = 1;
    if (pattern.starts_with("**")) {
      length = pattern.starts_with("**/") ? 3 : 2;
      bool any = false;
      for (std::size_t i = 0; i <= path.size(); ++i) {
        any = any || reached[i] != 0;
        const bool at_start = i == 0 || path[i - 1] == '/';
        next[i] = reached[i] != 0 || (any && (length == 2 || at_start)) ? 1 : 0;
      }
    } else if (pattern.front() == '*') {
      for (std::size_t i = 0; i <= path.size(); ++i) {
        next[i] = reached[i] != 0 || (i > 0 && next[i - 1] != 0 && path[i - 1] != '/') ? 1 : 0;
      }
    } else {
      for (std::size_t i = 0; i < path.size(); ++i) {
        std::size_t used = 1;
        const bool matched = matches_one(pattern, path[i], used);
        length = used;
        if (reached[i] != 0 && matched) next[i + 1] = 1;
      }
      if (path.empty()) return false;
    }
    reached.swap(next);
    pattern.remove_prefix(length);
  }
  return reached[path.size()] != 0;
}

IgnoreRules::IgnoreRules(std::string_view dockerignore) {
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

}  // namespace liminal::build
