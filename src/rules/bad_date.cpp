#include <algorithm>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// Reads two digits, or one where `one` allows it, of at most `most`.
bool take_number(std::string_view& text, int most, bool one = false) {
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + std::min<std::size_t>(text.size(), 2), value);
  const auto length = static_cast<std::size_t>(end - text.data());
  if (problem != std::errc{} || length < (one ? 1 : 2) || value < 0 || value > most) return false;
  text.remove_prefix(length);
  return true;
}

// 4:30, 04:30:00.5, 04:30Z, 04:30 +01:00: what YAML 1.1 and ISO 8601 write behind a day.
bool is_time_of_day(std::string_view text) {
  const auto skip = [&](char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
  };
  if (!take_number(text, 23, true)) return false;
  if (skip(':') && !take_number(text, 59)) return false;
  if (skip(':') && !take_number(text, 59)) return false;
  if (skip('.')) text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  if (skip('Z') || text.empty()) return text.empty();
  if (!skip('+') && !skip('-')) return false;
  if (!take_number(text, 23, true)) return false;
  skip(':');
  return text.empty() || (take_number(text, 59) && text.empty());
}

// What stands behind the day, which neither engine is told of.
void check_time(const PipelinePlace& place, const document::Value& value, DiagnosticSink& findings) {
  constexpr std::size_t day = std::string_view("2026-01-31").size();
  const std::string& text = value.scalar;
  if (text.size() <= day) return;
  const std::string_view time = std::string_view(text).substr(day + 1);
  if (!is_time_of_day(time)) {
    Diagnostic found = finding_within(bad_date, place.system, &value, day, text.size(), place.path + ".start_date",
                                      fmt::format("`{}` behind the day is not a time of day", time));
    found.value = text;
    found.help = fmt::format("write `{}`: runs begin on that day, at the times of `schedule`", text.substr(0, day));
    findings.report(std::move(found));
    return;
  }
  if (time.find_first_of("123456789") == std::string::npos) return;
  Diagnostic found = finding_within(bad_date, place.system, &value, day, text.size(), place.path + ".start_date",
                                    fmt::format("`start_date` is a day in UTC: `{}` of it is not used", time));
  found.severity = Severity::warning;
  found.value = text;
  found.help = fmt::format("write `{}`, and the hour into `schedule`", text.substr(0, day));
  findings.report(std::move(found));
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_pipeline(subject, findings, [&](const PipelinePlace& place) {
    const document::Value* value = place.pipeline.value == nullptr ? nullptr : place.pipeline.value->find("start_date");
    if (value == nullptr || value->is_null()) return;  // null is told as a key that is missing
    if (place.pipeline.start_date) return check_time(place, *value, findings);
    const std::string text = value->text();
    Diagnostic found = finding(bad_date, place.system, value->origin, place.path + ".start_date",
                               text.empty() ? std::string("`start_date` has no date")
                                            : fmt::format("`{}` is not a date of the calendar", text));
    found.value = text;
    found.help = "write it as YEAR-MONTH-DAY, such as `2026-01-31`";
    findings.report(std::move(found));
  });
}

}  // namespace

const Rule bad_date{
    .id = "bad-date",
    .severity = Severity::error,
    .summary = "A pipeline's `start_date` is not a date.",
    .explanation =
        R"(Airflow schedules the first run from `start_date`. It is written as an unquoted YAML date, `2026-01-31`. It begins at midnight in UTC: a time or a
zone behind it is a warning, as Apache Liminal dropped them, too.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-02-30
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-02-28
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
)",
    .check = check,
};

}  // namespace liminal::rules
