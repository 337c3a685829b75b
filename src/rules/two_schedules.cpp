#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_pipeline(subject, findings, [&](const PipelinePlace& place) {
    const document::Value* schedule = place.pipeline.value->find("schedule");
    const document::Value* interval = place.pipeline.value->find("schedule_interval");
    if (schedule == nullptr || interval == nullptr || schedule->is_null() || interval->is_null() ||
        schedule->text() == interval->text())
      return;
    Diagnostic found =
        finding(two_schedules, place.system, interval->origin, place.path + ".schedule_interval",
                fmt::format("`schedule_interval` of pipeline `{}` is not its `schedule`", place.pipeline.name));
    found.value = interval->text();
    found.help = "keep the one that is meant: both are the same key";
    document::add_related(found, schedule->origin, "`schedule` is here");
    findings.report(std::move(found));
  });
}

}  // namespace

const Rule two_schedules{
    .id = "two-schedules",
    .severity = Severity::error,
    .summary = "A pipeline has a `schedule` and another `schedule_interval`.",
    .explanation =
        R"(`schedule_interval` is the older name of `schedule`. Where both stand and differ, perhaps one in `pipeline_defaults` or in an upper layer, it is not known which is meant.)",
    .bad = R"(name: shop
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    schedule: 0 4 * * *
    schedule_interval: '@daily'
    tasks:
      - task: train
        type: python
        image: python:3.12
        cmd: echo training
)",
    .good = R"(name: shop
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    schedule: 0 4 * * *
    tasks:
      - task: train
        type: python
        image: python:3.12
        cmd: echo training
)",
    .check = check,
};

}  // namespace liminal::rules
