#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "liminal/model/image_reference.hpp"

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

constexpr std::size_t longest_id = 250;  // of a DAG or task in Airflow

bool is_id_character(char c, bool dots) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || (dots && c == '.');
}

void check_id(const model::System& system, const document::Value* object, std::string_view key, const std::string& name,
              bool dots, const std::string& path, std::string_view kind, DiagnosticSink& findings) {
  const document::Value* value = object == nullptr ? nullptr : object->find(key);
  if (value == nullptr) return;
  const auto bad = std::find_if_not(name.begin(), name.end(), [&](char c) { return is_id_character(c, dots); });
  if (!name.empty() && bad == name.end() && name.size() <= longest_id) return;
  std::string message;
  if (name.empty())
    message = fmt::format("a {} has an empty name", kind);
  else if (bad != name.end())
    message = fmt::format("the name of {} `{}` holds a character that is not allowed", kind, name);
  else
    message = fmt::format("the name of {} `{}` has {} characters; at most {} are allowed", kind, name, name.size(),
                          longest_id);
  const std::size_t at = static_cast<std::size_t>(bad - name.begin());
  Diagnostic found = bad == name.end() ? finding(bad_name, system, value->origin, path, message)
                                       : finding_within(bad_name, system, value, at, at + 1, path, message);
  found.value = name;
  found.help =
      dots ? "use letters, digits, dashes, underscores and dots" : "use letters, digits, dashes and underscores";
  findings.report(std::move(found));
}

// What a shell, a container runtime and every Kubernetes take; a newer one takes more.
bool is_variable_name(std::string_view name) {
  const auto allowed = [](char c) { return is_id_character(c, true); };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::all_of(name.begin(), name.end(), allowed);
}

void check_variables(const model::System& system, const document::Value* object, const std::string& path,
                     DiagnosticSink& findings) {
  const document::Value* variables = object == nullptr ? nullptr : object->find("env_vars");
  if (variables == nullptr) return;
  for (const document::Value::Member& member : variables->members) {
    if (is_variable_name(member.key) || findings.full(system.file)) continue;
    Diagnostic found =
        finding(bad_name, system, member.key_origin, fmt::format("{}.env_vars.{}", path, member.key),
                fmt::format("`{}` is not a name that a variable of the environment can have", member.key));
    found.value = member.key;
    found.help = "use letters, digits, underscores, dashes and dots, with no digit first";
    findings.report(std::move(found));
  }
}

void check_reference(const model::System& system, const document::Value* object, std::string_view key,
                     const std::string& text, const std::string& path, DiagnosticSink& findings) {
  const document::Value* value = object == nullptr ? nullptr : object->find(key);
  if (value == nullptr || !value->is_string() || findings.full(system.file)) return;
  const auto reference = model::ImageReference::parse(text);
  if (reference) return;
  Diagnostic found = finding(bad_name, system, value->origin, path, reference.error().message);
  found.value = text;
  found.help = reference.error().advice;
  findings.report(std::move(found));
}

// The image itself, and what it is built on.
void check_image(const model::System& system, const model::Image& image, DiagnosticSink& findings) {
  const std::string path = item_path("images", image.name);
  check_reference(system, image.value, "image", image.name, path, findings);
  if (image.base) check_reference(system, image.value, "base", *image.base, path, findings);
}

// An image that is pulled; one without tag, host or digest is told of by unknown-image.
bool is_pulled(const model::System& system, const std::string& image) {
  return names_another_registry(image) && image.find("{{") == std::string::npos && system.find_image(image) == nullptr;
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_pipeline(subject, findings, [&](const PipelinePlace& place) {
    check_id(place.system, place.pipeline.value, "pipeline", place.pipeline.name, true, place.path, "pipeline",
             findings);
  });
  for_each_task(subject, findings, [&](const TaskPlace& place) {
    check_id(place.system, place.task.value, "task", place.task.name, false, place.path, "task", findings);
    check_variables(place.system, place.task.value, place.path, findings);
    if (model::runs_in_container(place.task.type) && is_pulled(place.system, place.task.image))
      check_reference(place.system, place.task.value, "image", place.task.image, place.path + ".image", findings);
  });
  for (const model::System& system : subject.systems) {
    for (const model::Service& service : system.services)
      check_variables(system, service.value, item_path("services", service.name), findings);
    for (const model::Image& image : system.images) check_image(system, image, findings);
  }
}

}  // namespace

const Rule bad_name{
    .id = "bad-name",
    .severity = Severity::error,
    .summary = "A name holds characters that the engines do not take.",
    .explanation =
        R"(The names of tasks and pipelines become ids of Airflow and names of cluster objects: letters, digits, dashes, underscores, and for pipelines
dots, at most 250 of them. An image's name is a Docker reference: lower case, parts divided by `/`, maybe a registry before and a tag behind. A
variable of `env_vars` is of letters, digits, underscores, dashes and dots, with no digit first.)",
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
      - task: train it
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
    tasks:
      - task: train_it
        type: python
        image: trainer
        cmd: echo training
)",
    .check = check,
};

}  // namespace liminal::rules
