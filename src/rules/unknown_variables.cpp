#include <algorithm>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// The root variables that a task may name: those that are maps.
std::vector<std::string_view> maps_of(const model::System& system) {
  std::vector<std::string_view> names;
  const document::Value* variables = system.resolved->find("variables");
  if (variables == nullptr) return names;
  for (const auto& member : variables->members) {
    if (member.value.is_mapping()) names.push_back(member.key);
  }
  return names;
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    const std::vector<std::string_view> known = maps_of(system);
    for_each_task(system, findings, [&](const TaskPlace& place) {
      const document::Value* named = place.task.value == nullptr ? nullptr : place.task.value->find("variables");
      if (named == nullptr || !named->is_string()) return;  // else the schema tells
      const std::string name = named->text();
      if (std::find(known.begin(), known.end(), name) != known.end()) return;
      Diagnostic found = finding(unknown_variables, system, named->origin, place.path + ".variables",
                                 fmt::format("task `{}` uses the variables `{}`, which are no map of the root's "
                                             "`variables`",
                                             place.task.name, name));
      suggest_name(found, "map of variables", name, known, named->origin);
      findings.report(std::move(found));
    });
  }
}

}  // namespace

const Rule unknown_variables{
    .id = "unknown-variables",
    .severity = Severity::error,
    .summary = "A task names variables that are not there.",
    .explanation =
        R"(A task's `variables` is a map, or the name of a map in the root's `variables`. With a name that nothing has, the task would run without any.)",
    .bad = R"(name: shop
variables:
  nightly:
    mode: full
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: python:3.12
        cmd: echo {{ mode }}
        variables: nightli
)",
    .good = R"(name: shop
variables:
  nightly:
    mode: full
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: python:3.12
        cmd: echo {{ mode }}
        variables: nightly
)",
    .check = check,
};

}  // namespace liminal::rules
