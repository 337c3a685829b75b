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

struct Mistake {
  Diagnostic* first = nullptr;
  std::size_t more = 0;
};

std::string how_many(std::size_t more) {
  return more + 1 < most_findings_of_a_mistake ? std::to_string(more) : fmt::format("at least {}", more);
}

}  // namespace

void join_at_same_place(std::vector<Diagnostic>& findings) {
  std::vector<Diagnostic> kept;
  kept.reserve(findings.size());
  for (auto begin = findings.begin(); begin != findings.end();) {
    const auto end =
        std::find_if(begin, findings.end(), [&](const Diagnostic& one) { return place_of(one) != place_of(*begin); });
    std::map<std::string, Mistake> mistakes;  // by mistake_of()
    for (auto at = begin; at != end; ++at) {
      const std::string what = mistake_of(*at);
      if (what.empty()) continue;
      const auto [mistake, fresh] = mistakes.try_emplace(what, Mistake{&*at});
      if (fresh) continue;
      ++mistake->second.more;
      add_related_of(*mistake->second.first, std::move(*at));
      at->message.clear();
    }
    for (const auto& [what, mistake] : mistakes) {
      if (mistake.more > 0)
        mistake.first->message += fmt::format(" (and {} more from the same place)", how_many(mistake.more));
    }
    std::copy_if(std::make_move_iterator(begin), std::make_move_iterator(end), std::back_inserter(kept),
                 [](const Diagnostic& one) { return !one.message.empty(); });
    begin = end;
  }
  findings = std::move(kept);
}

}  // namespace liminal::validate
