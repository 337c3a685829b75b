#include "too_many.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace liminal::validate {

namespace {

using Position = std::vector<Diagnostic>::iterator;

Diagnostic too_many(const Diagnostic& worst) {
  Diagnostic found;
  found.rule = "too-many-findings";
  found.severity = worst.severity;
  found.message =
      fmt::format("the file has more findings than are told; these are the {} worst", most_mistakes_of_a_file);
  found.help = "mend these and look again";
  found.location = {worst.location.file, {{1, 1}, {1, 1}}};
  found.source = worst.source;
  return found;
}

void append_worst(Position begin, Position end, std::vector<Diagnostic>& kept) {
  std::vector<Position> order;
  for (Position at = begin; at != end; ++at) order.push_back(at);
  std::stable_sort(order.begin(), order.end(), [](Position a, Position b) { return a->severity > b->severity; });
  kept.push_back(too_many(**order.begin()));
  order.resize(std::min(order.size(), most_mistakes_of_a_file));
  std::sort(order.begin(), order.end());
  for (const Position at : order) kept.push_back(std::move(*at));
}

}  // namespace

void drop_too_many(std::vector<Diagnostic>& findings) {
  std::vector<Diagnostic> kept;
  kept.reserve(findings.size());
  for (Position begin = findings.begin(); begin != findings.end();) {
    const Position end = std::find_if(begin, findings.end(), [&](const Diagnostic& finding) {
      return finding.location.file != begin->location.file;
    });
    // A stage that found more has stopped at the bound already.
    if (static_cast<std::size_t>(end - begin) < most_mistakes_of_a_file) {
      std::move(begin, end, std::back_inserter(kept));
    } else {
      append_worst(begin, end, kept);
    }
    begin = end;
  }
  findings = std::move(kept);
}

}  // namespace liminal::validate
