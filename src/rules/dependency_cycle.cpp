#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// The circle that a task on or behind one leads to, by following any unfinished dependency.
std::vector<std::string_view> find_circle(const ByName<model::Task>& tasks, const std::set<std::string_view>& waiting) {
  std::vector<std::string_view> walked{*waiting.begin()};
  std::unordered_map<std::string_view, std::size_t> seen{{walked.back(), 0}};
  for (;;) {
    const model::Task* task = tasks.find(walked.back());
    const auto next = std::find_if(task->depends_on.begin(), task->depends_on.end(),
                                   [&](const auto& name) { return waiting.contains(name); });
    if (next == task->depends_on.end()) return {};
    const auto [before, fresh] = seen.emplace(*next, walked.size());
    if (!fresh) return {walked.begin() + static_cast<std::ptrdiff_t>(before->second), walked.end()};
    walked.push_back(*next);
  }
}

// The circle itself, as long as a line can be.
std::string drawn(const std::vector<std::string_view>& circle, std::string_view arrow) {
  constexpr std::size_t most = 20;
  const auto end = circle.begin() + static_cast<std::ptrdiff_t>(std::min(circle.size(), most));
  return fmt::format("{}{}", fmt::join(circle.begin(), end, arrow), circle.size() > most ? "..." : "");
}

// Whom the circle is told from: of the tasks whose `depends_on` stands in a file, if there is one, that of the smallest
// name, so that the finding is the same whatever the order of the file. A circle may lead through built-in tasks.
std::string_view teller(const ByName<model::Task>& tasks, const std::vector<std::string_view>& circle) {
  return *std::min_element(circle.begin(), circle.end(), [&](std::string_view a, std::string_view b) {
    return std::pair(!tasks.find(a)->depends_on_given, a) < std::pair(!tasks.find(b)->depends_on_given, b);
  });
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_pipeline(subject, findings, [&](const PipelinePlace& place) {
    std::set<std::string_view> waiting;
    for (const model::Task& task : place.pipeline.tasks) waiting.insert(task.name);
    for (const auto& wave : model::waves(place.pipeline)) {
      for (const std::size_t index : wave) waiting.erase(place.pipeline.tasks[index].name);
    }
    if (waiting.empty()) return;
    const ByName tasks(place.pipeline.tasks);
    std::vector<std::string_view> circle = find_circle(tasks, waiting);
    if (circle.size() < 2) return;
    std::rotate(circle.begin(), std::find(circle.begin(), circle.end(), teller(tasks, circle)), circle.end());
    const model::Task& first = *tasks.find(circle.front());
    Diagnostic found = finding(dependency_cycle, place.system, model::locate(first.value, "depends_on"),
                               fmt::format("{}.{}.depends_on", place.path, item_path("tasks", first.name)),
                               fmt::format("the tasks {} of pipeline `{}` depend on each other in a circle",
                                           quoted_list(circle), place.pipeline.name));
    found.value = drawn(circle, ">");
    found.help = fmt::format("take one `depends_on` out: {} -> {}", drawn(circle, " -> "), circle.front());
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
