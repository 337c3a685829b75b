#include "liminal/base/edit_distance.hpp"

#include <algorithm>
#include <vector>

namespace liminal {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

namespace {

// One is the other's first words: env and env_vars, schedule and schedule_interval.
bool begins_with_words(std::string_view longer, std::string_view shorter) {
  return longer.size() > shorter.size() && shorter.size() >= 2 && longer.starts_with(shorter) &&
         std::string_view("_-.").find(longer[shorter.size()]) != std::string_view::npos;
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> candidates) {
  // Nobody's slip is this long, and the distance costs the product of both lengths.
  constexpr std::size_t longest = 128;
  if (word.empty() || word.size() > longest) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate == word || candidate.size() > longest) continue;
    const bool same_words = begins_with_words(candidate, word) || begins_with_words(word, candidate);
    const std::size_t lengths_apart = std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
    if (!same_words && lengths_apart >= best_distance) continue;  // each byte more is an edit
    const std::size_t distance = same_words ? 1 : edit_distance(word, candidate);
    if (distance < best_distance && distance < std::max(word.size(), candidate.size())) {
      best_distance = distance;
      best = std::string(candidate);
    }
  }
  return best;
}

}  // namespace liminal
