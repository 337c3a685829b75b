// SARIF 2.1.0 (OASIS standard), so that GitHub code scanning and Jenkins' Warnings plug-in take every result.
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "inert_text.hpp"
#include "repository_path.hpp"
#include "tally.hpp"
#include "writers.hpp"

namespace liminal::report {

namespace {

Json text_object(std::string_view text) {
  return {{"text", visible(text)}};
}

// SARIF wants readable names in Pascal case: UnknownKey.
std::string name_of(std::string_view id) {
  std::string name;
  bool upper = true;
  for (const char c : id) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) name += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = !letter;
  }
  return name.empty() ? "Finding" : name;
}

Json rule_object(const RuleDescription& rule) {
  const std::string id = rule.id.empty() ? "finding" : visible_line(rule.id);
  const std::string summary = rule.summary.empty() ? id : rule.summary;
  const std::string help = rule.help_markdown.empty() ? summary : rule.help_markdown;
  return {
      {"id", id},
      {"name", name_of(id)},
      {"shortDescription", text_object(shortened(summary, limits::sarif_rule_text))},
      {"fullDescription", text_object(shortened(summary, limits::sarif_rule_text))},
      {"help", {{"text", visible(help)}, {"markdown", visible(help)}}},
      {"defaultConfiguration", {{"level", liminal::to_string(rule.severity)}}},
      {"properties",
       {{"tags", {"liminal", "configuration"}},
        {"precision", "high"},
        {"problem.severity", rule.severity == Severity::note ? "recommendation" : liminal::to_string(rule.severity)}}}};
}

// The rules in the order they are listed in, and the index of each.
class Rules {
 public:
  explicit Rules(const std::vector<RuleDescription>& rules) {
    for (const RuleDescription& rule : rules) add(rule);
  }

  // A rule that nobody described is described by its id.
  std::size_t index_of(const Diagnostic& finding) {
    const auto known = index_.find(finding.rule);
    return known != index_.end() ? known->second : add({finding.rule, {}, {}, finding.severity});
  }

  Json take() { return std::move(list_); }

 private:
  std::size_t add(const RuleDescription& rule) {
    const auto [entry, added] = index_.try_emplace(rule.id, list_.size());
    if (added) list_.push_back(rule_object(rule));
    return entry->second;
  }

  Json list_ = Json::array();
  std::unordered_map<std::string, std::size_t> index_;
};

// All four numbers, as GitHub wants them; a place that is not known is the beginning of the file.
Json region(const Range& range) {
  const auto at_least_one = [](std::uint32_t value) { return std::max<std::uint32_t>(value, 1); };
  const Position begin{at_least_one(range.begin.line), at_least_one(range.begin.column)};
  const Position end = std::max(Position{at_least_one(range.end.line), at_least_one(range.end.column)}, begin);
  return {{"startLine", begin.line}, {"startColumn", begin.column}, {"endLine", end.line}, {"endColumn", end.column}};
}

// The correlation id is a UUID (RFC 9562, version 8 would be exact; the standard's schema knows 1 to 5) made of the
// fingerprint: without it, Warnings merges equal findings.
std::string guid(std::string digits) {
  digits.resize(32, '0');
  digits[12] = '5';
  digits[16] = "89ab"[static_cast<unsigned char>(digits[16]) % 4];
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4), digits.substr(12, 4),
                     digits.substr(16, 4), digits.substr(20));
}

class SarifWriter {
 public:
  SarifWriter(const RunReport& run, const Context& context) : run_(run), context_(context), rules_(context.rules) {}

  std::string write() {
    const std::vector<std::string> fingerprints = liminal::fingerprints(run_.findings);
    std::vector<std::size_t> chosen = worst_first(run_.findings);
    const std::size_t left_out = chosen.size() - std::min(chosen.size(), limits::sarif_results);
    chosen.resize(chosen.size() - left_out);
    std::sort(chosen.begin(), chosen.end());
    Json results = Json::array();
    for (const std::size_t index : chosen) results.push_back(result(run_.findings[index], fingerprints[index]));

    Json driver = {{"name", "liminal"}, {"rules", rules_.take()}};
    if (!context_.tool_version.empty()) {
      driver["version"] = context_.tool_version;
      driver["semanticVersion"] = context_.tool_version;
    }
    const Json run = {{"tool", {{"driver", std::move(driver)}}},
                      {"automationDetails", {{"id", category()}}},
                      {"invocations", Json::array({invocation(left_out)})},
                      {"columnKind", "unicodeCodePoints"},
                      {"results", std::move(results)}};
    return json_document({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                          {"version", "2.1.0"},
                          {"runs", Json::array({run})}});
  }

 private:
  // GitHub takes what stands before the last slash as the category; one for each folder that is checked apart.
  std::string category() const {
    return fmt::format("liminal/{}/{}", run_.command, path_to_uri(context_.repository_prefix));
  }

  Json artifact(const std::string& file) const { return {{"uri", path_to_uri(repository_path(file, run_, context_))}}; }

  Json physical_location(const Location& location) const {
    return {{"artifactLocation", artifact(location.file)}, {"region", region(location.range)}};
  }

  Json result(const Diagnostic& finding, const std::string& fingerprint) {
    const std::size_t rule = rules_.index_of(finding);
    const std::string message = finding.help.empty() ? finding.message : finding.message + ": " + finding.help;
    Json result = {{"ruleId", finding.rule.empty() ? "finding" : visible_line(finding.rule)},
                   {"ruleIndex", rule},
                   {"level", liminal::to_string(finding.severity)},
                   {"message", text_object(message.empty() ? "finding" : message)},
                   {"locations", Json::array({{{"physicalLocation", physical_location(finding.location)}}})},
                   {"partialFingerprints", {{"primaryLocationLineHash", fingerprint}}},
                   {"correlationGuid", guid(fingerprint)}};
    if (!finding.yaml_path.empty()) {
      result["locations"][0]["logicalLocations"] =
          Json::array({{{"fullyQualifiedName", visible_line(finding.yaml_path)}}});
    }
    if (!finding.related.empty()) result["relatedLocations"] = related(finding);
    if (finding.fix && finding.fix->range.begin.line > 0) result["fixes"] = Json::array({fix(finding)});
    return result;
  }

  Json related(const Diagnostic& finding) const {
    Json places = Json::array();
    for (const RelatedPlace& place : finding.related) {
      if (places.size() == limits::sarif_related) break;
      places.push_back({{"id", places.size()},
                        {"physicalLocation", physical_location(place.location)},
                        {"message", text_object(place.message.empty() ? "related place" : place.message)}});
    }
    return places;
  }

  // The inserted text is exact: a program applies it.
  Json fix(const Diagnostic& finding) const {
    const Json replacement = {{"deletedRegion", region(finding.fix->range)},
                              {"insertedContent", {{"text", finding.fix->replacement}}}};
    const Json change = {{"artifactLocation", artifact(finding.location.file)},
                         {"replacements", Json::array({replacement})}};
    return {{"description", text_object(finding.fix->title.empty() ? "suggested change" : finding.fix->title)},
            {"artifactChanges", Json::array({change})}};
  }

  Json invocation(std::size_t left_out) const {
    Json notifications = Json::array();
    for (const Error& error : run_.errors) {
      std::string text = error.message;
      for (const std::string& cause : error.causes) text += "; because: " + cause;
      if (!error.advice.empty()) text += "; help: " + error.advice;
      notifications.push_back({{"level", "error"}, {"message", text_object(text.empty() ? "failed" : text)}});
      if (!error.location.file.empty())
        notifications.back()["locations"] = Json::array({{{"physicalLocation", physical_location(error.location)}}});
    }
    if (left_out > 0) {
      notifications.push_back(
          {{"level", "warning"},
           {"message", text_object(fmt::format(
                           "{}: the {} left out here, since GitHub keeps {} results", summary_text(run_),
                           left_out == 1 ? "least severe one is" : fmt::format("{} least severe are", left_out),
                           limits::sarif_results))}});
    }
    Json invocation = {{"executionSuccessful", run_.errors.empty()}};
    if (!notifications.empty()) invocation["toolExecutionNotifications"] = std::move(notifications);
    return invocation;
  }

  const RunReport& run_;
  const Context& context_;
  Rules rules_;
};

}  // namespace

std::string to_sarif(const RunReport& run, const Context& context) {
  return SarifWriter(run, context).write();
}

}  // namespace liminal::report
