#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include "liminal/model/moment.hpp"

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

using Moment = std::chrono::sys_seconds;

// The dates of one pipeline or executor.
class Dates {
 public:
  Dates(const model::System& system, const document::Value& object, std::string path, DiagnosticSink& findings)
      : system_(system), object_(object), path_(std::move(path)), findings_(findings) {}

  // The day from which on it runs; neither engine is told of what stands behind the day.
  std::optional<Moment> check_day(std::string_view key) {
    const document::Value* value = given(key);
    if (value == nullptr) return std::nullopt;
    if (const auto date = value->kind == document::Kind::scalar ? model::parse_date(value->scalar) : std::nullopt) {
      check_time(key, *value);
      return model::parse_moment(value->scalar.substr(0, day_length));
    }
    report_no_date(key, *value);
    return std::nullopt;
  }

  // One that Airflow is given as it stands.
  std::optional<Moment> check_moment(std::string_view key) {
    const document::Value* value = given(key);
    if (value == nullptr) return std::nullopt;
    const std::string text = value->text();
    if (const auto moment = model::parse_moment(text)) return moment;
    if (!model::parse_date(text)) {
      report_no_date(key, *value);
    } else {
      report(key, *value,
             fmt::format("`{}` behind the day is not a time that Airflow reads", text.substr(day_length + 1)),
             fmt::format("write `{}`, or with a time `{}T04:30:00+00:00`", text.substr(0, day_length),
                         text.substr(0, day_length)));
    }
    return std::nullopt;
  }

  void check_order(std::optional<Moment> start, std::optional<Moment> end) {
    if (!start || !end || *start <= *end) return;
    const document::Value& value = *object_.find("end_date");
    report("end_date", value, fmt::format("`end_date` {} is before `start_date`: it never runs", value.text()),
           "write a later day, or leave it out");
  }

 private:
  static constexpr std::size_t day_length = std::string_view("2026-01-31").size();

  // None is told as missing where one has to be there.
  [[nodiscard]] const document::Value* given(std::string_view key) const {
    const document::Value* value = object_.find(key);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  void report(std::string_view key, const document::Value& value, std::string message, std::string help) {
    Diagnostic found = finding(bad_date, system_, value.origin, fmt::format("{}.{}", path_, key), std::move(message));
    found.value = value.text();
    found.help = std::move(help);
    findings_.report(std::move(found));
  }

  void report_no_date(std::string_view key, const document::Value& value) {
    const std::string text = value.text();
    report(
        key, value,
        text.empty() ? fmt::format("`{}` has no date", key) : fmt::format("`{}` is not a date of the calendar", text),
        "write it as YEAR-MONTH-DAY with four, two and two digits, such as `2026-01-31`");
  }

  void check_time(std::string_view key, const document::Value& value) {
    const std::string& text = value.scalar;
    if (text.size() <= day_length) return;
    const std::string_view time = std::string_view(text).substr(day_length + 1);
    const bool wrong = !model::is_time_of_day(time);
    // At midnight in UTC it begins in any case.
    if (!wrong && time.find_first_of("123456789") == std::string::npos) return;
    Diagnostic found =
        finding_within(bad_date, system_, &value, day_length, text.size(), fmt::format("{}.{}", path_, key),
                       is_blank(time) ? std::string("blanks stand behind the day")
                       : wrong        ? fmt::format("`{}` behind the day is not a time of day", time)
                                      : fmt::format("`{}` is a day in UTC: `{}` of it is not used", key, time));
    found.value = text;
    const std::string_view alone = std::string_view(text).substr(0, day_length);
    if (wrong) {
      found.help = fmt::format("write `{}`: runs begin on that day, at the times of `schedule`", alone);
    } else {
      found.severity = Severity::warning;
      found.help = fmt::format("write `{}`, and the hour into `schedule`", alone);
    }
    findings_.report(std::move(found));
  }

  const model::System& system_;
  const document::Value& object_;
  std::string path_;
  DiagnosticSink& findings_;
};

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for_each_pipeline(system, findings, [&](const PipelinePlace& place) {
      if (place.pipeline.value == nullptr) return;
      Dates dates(system, *place.pipeline.value, place.path, findings);
      const auto start = dates.check_day("start_date");
      dates.check_order(start, dates.check_moment("end_date"));
    });
    for (const model::Executor& executor : system.executors) {
      if (executor.type != model::ExecutorType::kubernetes || executor.value == nullptr) continue;
      if (findings.full(system.file)) break;
      Dates dates(system, *executor.value, item_path("executors", executor.name), findings);
      const auto start = dates.check_moment("start_date");
      dates.check_order(start, dates.check_moment("end_date"));
    }
  }
}

}  // namespace

const Rule bad_date{
    .id = "bad-date",
    .severity = Severity::error,
    .summary = "A `start_date` or `end_date` is not a date.",
    .explanation =
        R"(Airflow schedules the first run from `start_date`. It is written as an unquoted YAML date, `2026-01-31`. It begins at midnight in UTC: a time or a
zone behind it is a warning, as Apache Liminal dropped them, too. An `end_date` is a date, too, or a date and a time, and no earlier one; so are those of
an executor, which Airflow is given for its tasks.)",
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
