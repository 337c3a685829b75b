#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

void report(const model::System& system, const document::Node& node, std::string_view read_as, const std::string& path,
            DiagnosticSink& findings) {
  Diagnostic found =
      finding(ambiguous_scalar, system, {&node}, path, fmt::format("`{}` is read as `{}`", node.scalar, read_as));
  found.value = node.scalar;
  found.help = fmt::format("write it in quotes, '{}', if you mean the text as it stands", node.scalar);
  found.fix = Fix{"put it in quotes", found.location.range, fmt::format("'{}'", node.scalar), false};
  findings.report(std::move(found));
}

// Where a string is wanted: what the value becomes differs from what stands in the file.
void check_text(const model::System& system, const document::Value& value, const std::string& path,
                DiagnosticSink& findings) {
  const document::Node* node = value.origin.node;
  if (node == nullptr || node->kind != document::Kind::scalar || node->style != document::Style::plain) return;
  if (value.scalar != node->scalar || value.is_null()) return;
  const std::string text = value.text();
  const bool changed = text != node->scalar;
  // true and false are meant as such; what programs compare with is the capital letter that Python prints.
  const bool plainly_boolean =
      node->scalar == "true" || node->scalar == "false" || node->scalar == "True" || node->scalar == "False";
  if (changed && !plainly_boolean) report(system, *node, text, path, findings);
}

// A variable without a value may be meant to be left out, or to come from elsewhere.
void check_empty(const model::System& system, const document::Value::Member& member, const std::string& path,
                 DiagnosticSink& findings) {
  if (!member.value.is_null()) return;
  const document::Origin& origin = member.value.scalar.empty() ? member.key_origin : member.value.origin;
  Diagnostic found = finding(ambiguous_scalar, system, origin, path,
                             fmt::format("`{}` has no value, and becomes the empty text", member.key));
  found.value = member.key;
  found.help = "write '' if that is meant, or leave the variable out";
  findings.report(std::move(found));
}

// Where a number is wanted: an octal or sexagesimal one looks like another.
void check_number(const model::System& system, const document::Value* object, std::string_view key,
                  const std::string& path, DiagnosticSink& findings) {
  const document::Value* value = object == nullptr ? nullptr : object->find(key);
  const document::Node* node = value == nullptr ? nullptr : value->origin.node;
  if (node == nullptr || node->kind != document::Kind::scalar || node->style != document::Style::plain) return;
  if (value->type != document::ScalarType::integer || value->scalar != node->scalar) return;
  const std::string number = value->text();
  // `+3` and `1_000` are what they look like.
  const bool octal = value->scalar.size() > 1 && value->scalar.front() == '0';
  if (number == value->scalar || !(octal || value->scalar.find(':') != std::string::npos)) return;
  Diagnostic found = finding(ambiguous_scalar, system, {node}, fmt::format("{}.{}", path, key),
                             fmt::format("`{}` is read as `{}`", node->scalar, number));
  found.value = node->scalar;
  found.help = fmt::format("write `{}`, or the number that is meant, in decimal", number);
  findings.report(std::move(found));
}

// The words of a declared type's command are texts by now; what they were made of may look otherwise.
void check_word(const model::System& system, const document::Value& word, const std::string& path,
                DiagnosticSink& findings) {
  const document::Node* node = word.origin.node;
  if (node == nullptr || node->kind != document::Kind::scalar || node->style != document::Style::plain) return;
  const document::Value written = document::Value::of(*node);
  if (written.boolean()) return;  // where its key is declared as text, the schema refuses it
  if (!written.is_string() && written.text() == word.scalar) check_text(system, written, path, findings);
}

void check_name(const model::System& system, const document::Value* object, std::string_view key,
                const std::string& path, DiagnosticSink& findings) {
  const document::Value* name = object == nullptr ? nullptr : object->find(key);
  if (name != nullptr) check_text(system, *name, fmt::format("{}.{}", path, key), findings);
}

// A variable's value becomes text wherever {{ }} names it.
void check_variables(const model::System& system, const document::Value* variables, const std::string& path,
                     DiagnosticSink& findings) {
  if (variables == nullptr) return;
  for (const auto& member : variables->members) {
    if (member.value.is_mapping()) check_variables(system, &member.value, path + "." + member.key, findings);
    check_text(system, member.value, path + "." + member.key, findings);
  }
}

void check_environment(const model::System& system, const document::Value* object, const std::string& path,
                       DiagnosticSink& findings) {
  const document::Value* variables = object == nullptr ? nullptr : object->find("env_vars");
  if (variables == nullptr || !variables->is_mapping()) return;
  for (const auto& member : variables->members) {
    const std::string one = fmt::format("{}.env_vars.{}", path, member.key);
    check_empty(system, member, one, findings);
    check_text(system, member.value, one, findings);
  }
}

// Each becomes an argument of spark-submit; nested maps of `conf` are joined.
void check_spark(const model::System& system, const document::Value* task, const std::string& path,
                 DiagnosticSink& findings) {
  if (task == nullptr) return;
  check_variables(system, task->find("conf"), path + ".conf", findings);
  const document::Value* arguments = task->find("application_arguments");
  check_variables(system, arguments, path + ".application_arguments", findings);
  if (arguments == nullptr) return;
  for (const document::Value& item : arguments->items)
    check_text(system, item, path + ".application_arguments", findings);
}

void check_executor(const model::System& system, const model::Executor& executor, DiagnosticSink& findings) {
  if (executor.type != model::ExecutorType::kubernetes) return;
  const std::string path = item_path("executors", executor.name);
  check_environment(system, executor.value, path, findings);
  for (const char* key :
       {"active_deadline_seconds", "execution_timeout", "max_retry_delay", "pool_slots", "priority_weight", "retries",
        "retry_delay", "startup_timeout_seconds", "termination_grace_period"})
    check_number(system, executor.value, key, path, findings);
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Executor& executor : system.executors) check_executor(system, executor, findings);
    check_variables(system, system.resolved == nullptr ? nullptr : system.resolved->find("variables"), "variables",
                    findings);
    for (const model::Service& service : system.services) {
      for (const char* key : {"replicas", "port"})
        check_number(system, service.value, key, item_path("services", service.name), findings);
      check_environment(system, service.value, item_path("services", service.name), findings);
    }
  }
  for_each_pipeline(subject, findings, [&](const PipelinePlace& place) {
    check_name(place.system, place.pipeline.value, "pipeline", place.path, findings);
    for (const char* key : {"timeout_minutes", "retries", "retry_delay", "max_retry_delay", "execution_timeout", "sla",
                            "pool_slots", "priority_weight"})
      check_number(place.system, place.pipeline.value, key, place.path, findings);
  });
  for_each_task(subject, findings, [&](const TaskPlace& place) {
    check_name(place.system, place.task.value, "task", place.path, findings);
    for (const char* key : {"retries", "retry_delay", "executors", "max_retry_delay", "execution_timeout", "sla",
                            "pool_slots", "priority_weight"})
      check_number(place.system, place.task.value, key, place.path, findings);
    const document::Value* command = place.task.value == nullptr ? nullptr : place.task.value->find("command");
    if (command != nullptr && command->is_sequence()) {
      for (const document::Value& word : command->items)
        check_word(place.system, word, place.path + ".command", findings);
    }
    if (place.task.type == model::TaskType::spark) check_spark(place.system, place.task.value, place.path, findings);
    check_environment(place.system, place.task.value, place.path, findings);
  });
}

}  // namespace

const Rule ambiguous_scalar{
    .id = "ambiguous-scalar",
    .severity = Severity::warning,
    .summary = "An unquoted value is read as something else than it looks.",
    .explanation =
        R"(These files are read by the rules of YAML 1.1: unquoted `yes`, `no`, `on` and `off` are booleans, `010` is eight, `1:30` is ninety, and `3.10` is
the number 3.1. Numbers such as `retries` are told that look like others. Where a text is wanted, such as in `env_vars`, the program gets the changed value. Quotes keep what is
written.)",
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
        env_vars:
          ANSWER: yes
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
        env_vars:
          ANSWER: 'yes'
)",
    .check = check,
};

}  // namespace liminal::rules
