#include <fmt/format.h>

#include "tally.hpp"
#include "unicode.hpp"
#include "writers.hpp"

namespace liminal::report {

namespace {

Json to_json(const Range& range) {
  if (range.begin.line == 0) return nullptr;
  const auto position = [](const Position& p) { return Json{{"line", p.line}, {"column", p.column}}; };
  return {{"start", position(range.begin)}, {"end", position(range.end)}};
}

Json to_json(const Diagnostic& finding, const std::string& fingerprint) {
  Json related = Json::array();
  for (const RelatedPlace& place : finding.related) {
    related.push_back(
        {{"message", place.message}, {"file", place.location.file}, {"range", to_json(place.location.range)}});
  }
  Json fix = nullptr;
  if (finding.fix) {
    fix = {{"title", finding.fix->title},
           {"range", to_json(finding.fix->range)},
           {"replacement", finding.fix->replacement},
           {"safe", finding.fix->safe}};
  }
  return {{"rule", finding.rule},          {"severity", liminal::to_string(finding.severity)},
          {"message", finding.message},    {"help", finding.help},
          {"file", finding.location.file}, {"range", to_json(finding.location.range)},
          {"path", finding.yaml_path},     {"related", std::move(related)},
          {"fix", std::move(fix)},         {"fingerprint", fingerprint}};
}

Json to_json(const Case& one) {
  return {{"group", one.group},
          {"name", one.name},
          {"outcome", to_string(one.outcome)},
          {"summary", one.summary},
          {"output", one.output},
          {"file", one.file},
          {"range", to_json(Range{one.position, one.position})},
          {"milliseconds", one.took.count()}};
}

Json to_json(const Stage& stage) {
  Json cases = Json::array();
  for (const Case& one : stage.cases) cases.push_back(to_json(one));
  return {{"name", stage.name},
          {"outcome", to_string(stage.outcome)},
          {"summary", stage.summary},
          {"milliseconds", stage.took.count()},
          {"cases", std::move(cases)}};
}

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::unavailable:
      return "unavailable";
    case ErrorKind::interrupted:
      return "interrupted";
    case ErrorKind::failed:
      break;
  }
  return "failed";
}

Json to_json(const Error& error) {
  return {{"kind", to_string(error.kind)},
          {"message", error.message},
          {"advice", error.advice},
          {"causes", error.causes},
          {"excerpt", error.excerpt},
          {"file", error.location.file},
          {"range", to_json(error.location.range)}};
}

void append_escaped(std::string& out, char32_t code) {
  const auto unit = [&](char32_t value) { out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(value)); };
  if (code < 0x10000) {
    unit(code);
  } else {
    unit(0xD800 + ((code - 0x10000) >> 10));
    unit(0xDC00 + ((code - 0x10000) & 0x3FF));
  }
}

}  // namespace

std::string json_document(const Json& json) {
  const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size() + 1);
  // Outside strings there is nothing but ASCII punctuation, digits and words, so every character found here stands in a
  // string, where \u may stand for it. A string begins with a quotation mark, so no line begins with `::`.
  char32_t before = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint code = first_code_point(rest);
    const bool line_end = code.value == '\n';
    if (!line_end && (is_unseen(code.value) || (code.value == '#' && before == '#'))) {
      append_escaped(out, code.value);
    } else {
      out += rest.substr(0, code.bytes);
    }
    if (!is_combining(code.value)) before = code.value;
    rest.remove_prefix(code.bytes);
  }
  out += '\n';
  return out;
}

std::string to_json(const RunReport& run) {
  const std::vector<std::string> fingerprints = liminal::fingerprints(run.findings);
  Json diagnostics = Json::array();
  for (std::size_t i = 0; i < run.findings.size(); ++i) {
    diagnostics.push_back(to_json(run.findings[i], fingerprints[i]));
  }
  Json stages = Json::array();
  for (const Stage& stage : run.stages) stages.push_back(to_json(stage));
  Json errors = Json::array();
  for (const Error& error : run.errors) errors.push_back(to_json(error));
  const Tally found = tally(run.findings);

  Json document = {{"schema", 1},
                   {"command", run.command},
                   {"summary",
                    {{"errors", found.errors},
                     {"warnings", found.warnings},
                     {"notes", found.notes},
                     {"files", run.files_checked},
                     {"rules", run.rules_applied},
                     {"changed", has_changed(run)}}},
                   {"diagnostics", std::move(diagnostics)},
                   {"stages", std::move(stages)},
                   {"errors", std::move(errors)}};
  if (run.data.is_object()) {
    for (const auto& [name, value] : run.data.items()) {
      if (!document.contains(name)) document[name] = value;
    }
  }
  return json_document(document);
}

}  // namespace liminal::report
