#include "same_place.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace liminal::validate {

namespace {

auto place_of(const Diagnostic& finding) {
  return std::make_tuple(std::string_view(finding.location.file), finding.location.range.begin);
}

// A message without the names in back quotes, which are those of the tasks and files.
std::string nameless(std::string_view message) {
  std::string text;
  while (true) {
    const std::size_t begin = message.find('`');
    text += message.substr(0, begin);
    if (begin == std::string_view::npos) return text;
    const std::size_t end = message.find('`', begin + 1);
    if (end == std::string_view::npos) return text;
    text += '`';
    message.remove_prefix(end + 1);
  }
}

// What makes findings of one place one mistake.
auto what_of(const Diagnostic& finding) {
  return std::make_tuple(std::string_view(finding.rule), finding.severity, finding.location.range.end,
                         std::string_view(finding.value), nameless(finding.message));
}

// A finding about a file as a whole, or about no value in particular, is its own.
bool may_be_joined(const Diagnostic& finding) {
  return finding.source != nullptr && finding.location.range.begin.line > 0 && !finding.value.empty();
}

}  // namespace

void join_at_same_place(std::vector<Diagnostic>& findings) {
  std::vector<Diagnostic> kept;
  kept.reserve(findings.size());
  for (auto begin = findings.begin(); begin != findings.end();) {
    const auto end =
        std::find_if(begin, findings.end(), [&](const Diagnostic& one) { return place_of(one) != place_of(*begin); });
    // By where the first of each stands in `findings`, which stays as it is until all are counted.
    std::map<decltype(what_of(*begin)), std::pair<Diagnostic*, std::size_t>> mistakes;
    for (auto at = begin; at != end; ++at) {
      if (!may_be_joined(*at)) continue;
      const auto [mistake, fresh] = mistakes.try_emplace(what_of(*at), &*at, 0);
      if (fresh) continue;
      ++mistake->second.second;
      add_related_of(*mistake->second.first, std::move(*at));
      at->message.clear();
    }
    for (const auto& [what, mistake] : mistakes) {
      if (mistake.second > 0)
        mistake.first->message += fmt::format(" (and {} more from the same place)", mistake.second);
    }
    std::copy_if(std::make_move_iterator(begin), std::make_move_iterator(end), std::back_inserter(kept),
                 [](const Diagnostic& one) { return !one.message.empty(); });
    begin = end;
  }
  findings = std::move(kept);
}

}  // namespace liminal::validate
