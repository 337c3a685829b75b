#include "liminal/diagnostic/diagnostic.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "liminal/base/sha256.hpp"

namespace liminal {

namespace {

constexpr std::size_t fingerprint_digits = 32;

// Each part with its length before it, so that no two lists of different parts give the same text.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts)
    text.append(std::to_string(part.size())).append(":").append(part).append("|");
  return text;
}

std::string identity(const Diagnostic& diagnostic) {
  return joined({diagnostic.rule, diagnostic.location.file, diagnostic.yaml_path, diagnostic.value});
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

std::string hash(const std::string& identity, unsigned occurrence) {
  return sha256_hex(identity + std::to_string(occurrence)).substr(0, fingerprint_digits);
}

auto order(const Diagnostic& diagnostic) {
  return std::make_tuple(std::string_view(diagnostic.location.file), diagnostic.location.range.begin,
                         -static_cast<int>(diagnostic.severity), std::string_view(diagnostic.rule),
                         diagnostic.location.range.end, std::string_view(diagnostic.message));
}

}  // namespace

std::string_view to_string(Severity severity) {
  constexpr std::array<std::string_view, 3> names{"note", "warning", "error"};
  return names.at(static_cast<std::size_t>(severity));
}

void DiagnosticList::report(Diagnostic diagnostic) {
  const std::string mistake = mistake_of(diagnostic);
  const auto known = mistake.empty() ? findings_of_.end() : findings_of_.find(mistake);
  if (known != findings_of_.end()) {
    if (take(known->second, diagnostic.message)) items.push_back(std::move(diagnostic));
    return;
  }
  std::size_t& mistakes = mistakes_of_[diagnostic.location.file];
  if (mistakes == most_mistakes_of_a_file) return;
  ++mistakes;
  if (!mistake.empty()) findings_of_[mistake].messages.insert(diagnostic.message);
  items.push_back(std::move(diagnostic));
}

bool DiagnosticList::take(Findings& known, const std::string& message) {
  if (known.messages.contains(message)) return known.repetitions++ < most_findings_of_a_mistake;
  return known.messages.size() < most_findings_of_a_mistake && known.messages.insert(message).second;
}

bool DiagnosticList::full(std::string_view file) const {
  const auto found = mistakes_of_.find(file);
  return found != mistakes_of_.end() && found->second == most_mistakes_of_a_file;
}

std::string fingerprint(const Diagnostic& diagnostic, unsigned occurrence) {
  return hash(identity(diagnostic), occurrence);
}

std::vector<std::string> fingerprints(const std::vector<Diagnostic>& diagnostics) {
  std::unordered_map<std::string, unsigned> seen;
  std::vector<std::string> result;
  result.reserve(diagnostics.size());
  for (const Diagnostic& diagnostic : diagnostics) {
    std::string key = identity(diagnostic);
    const unsigned occurrence = seen[key]++;
    result.push_back(hash(key, occurrence));
  }
  return result;
}

std::string mistake_of(const Diagnostic& diagnostic) {
  const Range& range = diagnostic.location.range;
  if (diagnostic.source == nullptr || range.begin.line == 0 || diagnostic.value.empty()) return {};
  const std::string place =
      fmt::format("{}:{}-{}:{}", range.begin.line, range.begin.column, range.end.line, range.end.column);
  return joined({diagnostic.rule, to_string(diagnostic.severity), diagnostic.location.file, place, diagnostic.value,
                 nameless(diagnostic.message)});
}

void add_related_of(Diagnostic& diagnostic, Diagnostic other) {
  for (RelatedPlace& place : other.related) {
    if (diagnostic.related.size() >= most_findings_of_a_mistake) return;
    const bool known = std::any_of(diagnostic.related.begin(), diagnostic.related.end(), [&](const RelatedPlace& one) {
      return one.location.file == place.location.file && one.location.range == place.location.range &&
             one.message == place.message;
    });
    if (!known) diagnostic.related.push_back(std::move(place));
  }
}

void sort_and_deduplicate(std::vector<Diagnostic>& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return order(a) < order(b); });
  auto kept = diagnostics.begin();
  for (auto at = diagnostics.begin(); at != diagnostics.end(); ++at) {
    if (at == diagnostics.begin()) continue;
    if (order(*at) == order(*kept)) {
      add_related_of(*kept, std::move(*at));
    } else if (++kept != at) {
      *kept = std::move(*at);
    }
  }
  if (!diagnostics.empty()) diagnostics.erase(kept + 1, diagnostics.end());
}

}  // namespace liminal
