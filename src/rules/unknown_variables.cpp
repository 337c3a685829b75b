#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// The root variables that a task may name: those that are maps.
std::unordered_map<std::string_view, const document::Value*> maps_of(const model::System& system) {
  std::unordered_map<std::string_view, const document::Value*> maps;
  const document::Value* variables = system.resolved->find("variables");
  if (variables == nullptr) return maps;
  for (const auto& member : variables->members) {
    if (member.value.is_mapping()) maps.emplace(member.key, &member.value);
  }
  return maps;
}

// A run hands texts to its tasks.
void check_values(const TaskPlace& place, const document::Value& map, std::string_view name, DiagnosticSink& findings) {
  for (const auto& member : map.members) {
    if (member.value.kind == document::Kind::scalar) continue;
    Diagnostic found = finding(unknown_variables, place.system, member.value.origin, place.path + ".variables",
                               fmt::format("`{}` of the variables `{}`, which task `{}` uses, is a {}", member.key,
                                           name, place.task.name, member.value.is_mapping() ? "map" : "list"));
    found.value = member.key;
    found.help = "give it a single value";
    findings.report(std::move(found));
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    const auto maps = maps_of(system);
    for_each_task(system, findings, [&](const TaskPlace& place) {
      const document::Value* named = place.task.value == nullptr ? nullptr : place.task.value->find("variables");
      if (named == nullptr || !named->is_string()) return;  // else the schema tells
      const std::string name = named->text();
      if (const auto map = maps.find(name); map != maps.end()) return check_values(place, *map->second, name, findings);
      Diagnostic found = finding(unknown_variables, system, named->origin, place.path + ".variables",
                                 fmt::format("task `{}` uses the variables `{}`, which are no map of the root's "
                                             "`variables`",
                                             place.task.name, name));
      std::vector<std::string_view> known;
      known.reserve(maps.size());
      for (const auto& [key, map] : maps) known.push_back(key);
      std::sort(known.begin(), known.end());
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
        R"(A task's `variables` is a map, or the name of a map in the root's `variables`. With a name that nothing has, the task would run without any.
Its values are single ones: a list or a map would be an empty text.)",
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
