#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// What Airflow takes; it refuses the whole DAG for another.
constexpr auto finish_actions =
    std::to_array<std::string_view>({"delete_pod", "delete_succeeded_pod", "delete_active_pod", "keep_pod"});
constexpr auto weight_rules = std::to_array<std::string_view>({"downstream", "upstream", "absolute"});

// The keys of one executor or pipeline.
class Arguments {
 public:
  Arguments(const model::System& system, const document::Value& object, std::string path, DiagnosticSink& findings)
      : system_(system), object_(object), path_(std::move(path)), findings_(findings) {}

  void one_of(std::string_view key, std::span<const std::string_view> allowed) {
    const document::Value* value = known(key);
    if (value == nullptr || !value->is_string()) return;
    const std::vector<std::string_view> words(allowed.begin(), allowed.end());
    if (std::find(words.begin(), words.end(), value->scalar) != words.end()) return;
    Diagnostic found = at(key, *value);
    suggest_name(found, key, value->scalar, words, value->origin);
    if (!found.help.starts_with("did you mean")) found.help = "write one of " + quoted_list(words);
    findings_.report(std::move(found));
  }

  // A rule of weights may be a class of the user's own.
  void weight_rule() {
    const document::Value* value = known("weight_rule");
    if (value != nullptr && value->text().find('.') == std::string::npos) one_of("weight_rule", weight_rules);
  }

  void at_least_one(std::string_view key) {
    const document::Value* value = known(key);
    const auto number = value == nullptr ? std::nullopt : value->integer();
    if (!number || *number >= 1) return;
    Diagnostic found = at(key, *value);
    found.value = value->text();
    found.help = "the least is 1";
    findings_.report(std::move(found));
  }

 private:
  // Null where the engine renders the value, or none is given.
  [[nodiscard]] const document::Value* known(std::string_view key) const {
    const document::Value* value = object_.find(key);
    return value == nullptr || is_template(value->scalar) ? nullptr : value;
  }

  [[nodiscard]] Diagnostic at(std::string_view key, const document::Value& value) const {
    return finding(bad_argument, system_, value.origin, fmt::format("{}.{}", path_, key),
                   fmt::format("`{}` cannot be `{}`", key, value.text()));
  }

  const model::System& system_;
  const document::Value& object_;
  std::string path_;
  DiagnosticSink& findings_;
};

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Executor& executor : system.executors) {
      if (executor.type != model::ExecutorType::kubernetes || findings.full(system.file)) continue;
      Arguments arguments(system, *executor.value, item_path("executors", executor.name), findings);
      arguments.one_of("on_finish_action", finish_actions);
      arguments.weight_rule();
      arguments.at_least_one("startup_timeout_seconds");
    }
    for_each_pipeline(system, findings, [&](const PipelinePlace& place) {
      Arguments(place.system, *place.pipeline.value, place.path, findings).weight_rule();
    });
  }
}

}  // namespace

const Rule bad_argument{
    .id = "bad-argument",
    .severity = Severity::error,
    .summary = "A value that Airflow's operators refuse.",
    .explanation =
        R"(Keys of an executor and of a pipeline are passed on to Airflow, which reads some of them when it loads the DAG, and refuses all of it for one that it does not
know: `on_finish_action` of an executor (`delete_pod`, `delete_succeeded_pod`, `delete_active_pod`, `keep_pod`) and `weight_rule` (`downstream`, `upstream`,
`absolute`, or the dotted name of a class). A pod that has to run within less than a second (`startup_timeout_seconds`) never does.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
executors:
  - executor: cluster
    type: kubernetes
    on_finish_action: delete
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
        executor: cluster
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
executors:
  - executor: cluster
    type: kubernetes
    on_finish_action: delete_pod
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
        executor: cluster
)",
    .check = check,
};

}  // namespace liminal::rules
