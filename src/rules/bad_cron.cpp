#include <chrono>

#include <fmt/format.h>

#include "liminal/model/cron.hpp"

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

void check_schedule(const PipelinePlace& place, const std::string& key, const document::Value& value,
                    const Subject& subject, DiagnosticSink& findings) {
  const bool text_or_date = value.is_string() || value.type == document::ScalarType::timestamp;
  if (value.kind != document::Kind::scalar || !text_or_date) return;  // the schema tells
  const std::string text = value.text();
  if (model::is_preset_without_times(text)) return;
  const std::string path = fmt::format("{}.{}", place.path, key);
  const auto cron = model::Cron::parse(text);
  if (!cron) {
    const auto& fault = cron.error();
    Diagnostic found = finding_within(bad_cron, place.system, &value, fault.begin, fault.end, path,
                                      fmt::format("`{}` is not a schedule: {}", text, fault.message));
    found.value = text;
    found.help =
        "write five fields, minute hour day-of-month month day-of-week, such as `30 4 * * 1-5`, or a preset such as "
        "`@daily`";
    findings.report(std::move(found));
    return;
  }
  if (!cron->next(std::chrono::floor<std::chrono::seconds>(subject.world.clock.now()))) {
    Diagnostic found =
        finding(bad_cron, place.system, value.origin, path, fmt::format("the schedule `{}` never comes", text));
    found.value = text;
    found.help = "no month has that day: choose another";
    findings.report(std::move(found));
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_pipeline(subject, findings, [&](const PipelinePlace& place) {
    for (const char* key : {"schedule", "schedule_interval"}) {
      const document::Value* value = place.pipeline.value == nullptr ? nullptr : place.pipeline.value->find(key);
      if (value != nullptr) check_schedule(place, key, *value, subject, findings);
    }
  });
}

}  // namespace

const Rule bad_cron{
    .id = "bad-cron",
    .severity = Severity::error,
    .summary = "A schedule is not a cron expression.",
    .explanation =
        R"(A schedule has five fields: minute, hour, day of month, month, day of week, such as `30 4 * * 1-5`; or it is one of `@hourly`, `@daily`,
`@midnight`, `@weekly`, `@monthly`, `@quarterly`, `@yearly`, `@annually`, `@once`, `@continuous`. Without a schedule a pipeline is started by hand. A schedule that never comes (31 February) is reported
too.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    schedule: 0 25 * * *
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
    start_date: 2026-01-01
    timeout_minutes: 30
    schedule: 0 23 * * *
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
)",
    .check = check,
};

}  // namespace liminal::rules
