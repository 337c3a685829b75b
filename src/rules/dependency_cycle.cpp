#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// The circle that a task on or behind one leads to, by following any unfinished dependency.
std::vector<std::string> find_circle(const model::Pipeline& pipeline, const std::set<std::string>& waiting) {
  std::vector<std::string> walked{*waiting.begin()};
  for (;;) {
    const model::Task* task = pipeline.find_task(walked.back());
    const auto next = std::find_if(task->depends_on.begin(), task->depends_on.end(),
                                   [&](const auto& name) { return waiting.contains(name); });
    if (next == task->depends_on.end()) return {};
    const auto seen = std::find(walked.begin(), walked.end(), *next);
    if (seen != walked.end()) return {seen, walked.end()};
    walked.push_back(*next);
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_pipeline(subject, [&](const PipelinePlace& place) {
    std::set<std::string> waiting;
    for (const model::Task& task : place.pipeline.tasks) waiting.insert(task.name);
    for (const auto& wave : model::waves(place.pipeline)) {
      for (const std::size_t index : wave) waiting.erase(place.pipeline.tasks[index].name);
    }
    if (waiting.empty()) return;
    std::vector<std::string> circle = find_circle(place.pipeline, waiting);
    if (circle.size() < 2) return;
    // Told from its smallest name, so that the finding is the same whatever the order of the file.
    std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
    const model::Task& first = *place.pipeline.find_task(circle.front());
    Diagnostic found = finding(dependency_cycle, place.system, model::locate(first.value, "depends_on"),
                               fmt::format("{}.{}.depends_on", place.path, item_path("tasks", first.name)),
                               fmt::format("the tasks {} of pipeline `{}` depend on each other in a circle",
                                           quoted_list(circle), place.pipeline.name));
    found.value = fmt::format("{}", fmt::join(circle, ">"));
    found.help = fmt::format("take one `depends_on` out: {} -> {}", fmt::join(circle, " -> "), circle.front());
    findings.report(std::move(found));
  });
}

}  // namespace

const Rule dependency_cycle{
    .id = "dependency-cycle",
    .severity = Severity::error,
    .summary = "Tasks depend on each other in a circle.",
    .explanation =
        R"(No task of a circle can ever start, since each waits for another of it. The finding names the whole circle.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
      - task: score
        type: python
        image: trainer
        cmd: echo scoring
        depends_on: [report]
      - task: report
        type: python
        image: trainer
        cmd: echo reporting
        depends_on: [score]
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
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
      - task: score
        type: python
        image: trainer
        cmd: echo scoring
        depends_on: [train]
      - task: report
        type: python
        image: trainer
        cmd: echo reporting
        depends_on: [score]
)",
    .check = check,
};

}  // namespace liminal::rules
