#include "liminal/diagnostic/diagnostic.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>

#include "liminal/base/sha256.hpp"

namespace liminal {

namespace {

constexpr std::size_t fingerprint_digits = 32;

// Each part with its length before it, so that no two findings with different parts give the same text.
std::string identity(const Diagnostic& diagnostic) {
  std::string text;
  for (const std::string* part :
       {&diagnostic.rule, &diagnostic.location.file, &diagnostic.yaml_path, &diagnostic.value}) {
    text += std::to_string(part->size()) + ':' + *part + '|';
  }
  return text;
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
  std::size_t& count = counts_[diagnostic.location.file];
  if (count == most_findings_of_a_file) return;
  ++count;
  items.push_back(std::move(diagnostic));
}

bool DiagnosticList::full(std::string_view file) const {
  const auto found = counts_.find(file);
  return found != counts_.end() && found->second == most_findings_of_a_file;
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

void add_related_of(Diagnostic& diagnostic, Diagnostic other) {
  for (RelatedPlace& place : other.related) {
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
