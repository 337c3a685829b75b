#include <algorithm>
#include <array>
#include <cctype>
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
constexpr auto kill_actions = std::to_array<std::string_view>({"delete_pod", "keep_pod"});
constexpr auto weight_rules = std::to_array<std::string_view>({"downstream", "upstream", "absolute"});

// The keys of one executor or pipeline.
class Arguments {
 public:
  Arguments(const model::System& system, const document::Value& object, std::string path, DiagnosticSink& findings)
      : system_(system), object_(object), path_(std::move(path)), findings_(findings) {}

  void one_of(std::string_view key, std::span<const std::string_view> allowed) {
    const document::Value* value = known(key);
    if (value == nullptr || value->kind != document::Kind::scalar) return;
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

  void at_least(std::string_view key, std::int64_t least) {
    const document::Value* value = known(key);
    const auto number = value == nullptr ? std::nullopt : value->integer();
    if (!number || *number >= least) return;
    Diagnostic found = at(key, *value);
    found.value = value->text();
    found.help = fmt::format("the least is {}", least);
    findings_.report(std::move(found));
  }

  void flag(std::string_view key) {
    const document::Value* value = known(key);
    if (value == nullptr || value->boolean()) return;
    Diagnostic found = at(key, *value);
    found.value = value->text();
    found.help = "write `true` or `false`";
    findings_.report(std::move(found));
  }

  void pool() {
    const document::Value* value = known("pool");
    if (value == nullptr || !value->is_string()) return;
    if (value->scalar.empty()) return report("pool", *value, "`pool` is empty", "leave it out, or name one");
    const auto taken = [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return byte >= 0x80 || std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_';
    };
    if (std::all_of(value->scalar.begin(), value->scalar.end(), taken)) return;
    report("pool", *value, fmt::format("Airflow 2 refuses the name of the pool `{}`", value->scalar),
           "use letters, digits, dashes, dots and underscores, unless only Airflow 3 has to read it",
           Severity::warning);
  }

  // A text, or several.
  void texts(std::string_view key) {
    const document::Value* value = known(key);
    if (value == nullptr || value->is_string()) return;
    const auto is_text = [](const document::Value& item) { return item.is_string(); };
    if (value->is_sequence() && std::all_of(value->items.begin(), value->items.end(), is_text)) return;
    report(key, *value, fmt::format("`{}` has to be a text or a list of texts", key), "put quotes around it");
  }

  void map(std::string_view key) {
    const document::Value* value = known(key);
    if (value == nullptr || value->is_mapping()) return;
    report(key, *value, fmt::format("`{}` has to be a map", key), "write `NAME: VALUE` below it");
  }

  void exponential_backoff() {
    const document::Value* value = known("retry_exponential_backoff");
    if (value == nullptr || value->boolean() || !value->number()) return;
    report("retry_exponential_backoff", *value,
           fmt::format("Airflow 2 refuses the number {} for `retry_exponential_backoff`", value->text()),
           "write `true`, unless no Airflow before 3.1 has to read it", Severity::warning);
  }

 private:
  void report(std::string_view key, const document::Value& value, std::string message, std::string help,
              Severity severity = Severity::error) {
    Diagnostic found =
        finding(bad_argument, system_, value.origin, fmt::format("{}.{}", path_, key), std::move(message));
    found.severity = severity;
    found.value = value.text();
    found.help = std::move(help);
    findings_.report(std::move(found));
  }

  // Null where the engine renders the value, or none is given.
  [[nodiscard]] const document::Value* known(std::string_view key) const {
    const document::Value* value = object_.find(key);
    return value == nullptr || value->is_null() || document::holds_template(value->scalar) ? nullptr : value;
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

// What pipelines hand to all of their tasks, and executors to those with pods.
void check_of_any_task(Arguments& arguments) {
  arguments.weight_rule();
  arguments.pool();
  arguments.texts("email");
  arguments.exponential_backoff();
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Executor& executor : system.executors) {
      if (executor.type != model::ExecutorType::kubernetes || findings.full(system.file)) continue;
      Arguments arguments(system, *executor.value, item_path("executors", executor.name), findings);
      arguments.one_of("on_finish_action", finish_actions);
      arguments.one_of("on_kill_action", kill_actions);
      arguments.flag("is_delete_operator_pod");
      arguments.at_least("startup_timeout_seconds", 1);
      arguments.at_least("pool_slots", 1);
      arguments.at_least("retries", 0);
      arguments.at_least("retry_delay", 0);
      arguments.map("params");
      check_of_any_task(arguments);
    }
    for_each_pipeline(system, findings, [&](const PipelinePlace& place) {
      Arguments arguments(place.system, *place.pipeline.value, place.path, findings);
      check_of_any_task(arguments);
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
know: `on_finish_action` of an executor (`delete_pod`, `delete_succeeded_pod`, `delete_active_pod`, `keep_pod`), `on_kill_action` (`delete_pod`, `keep_pod`),
`weight_rule` (`downstream`, `upstream`, `absolute`, or the dotted name of a class), a `pool` without a name or slots, an `email` that is no text, `params` that are
no map, negative `retries` and `retry_delay`, `is_delete_operator_pod` that is neither `true` nor `false`, and in Airflow 2 a number as `retry_exponential_backoff`. A pod that has to run within less than a second (`startup_timeout_seconds`) never does.)",
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
