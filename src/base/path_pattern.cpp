#include "liminal/base/path_pattern.hpp"

#include <vector>

namespace liminal {

namespace {

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

}  // namespace liminal
