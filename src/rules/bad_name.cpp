#include <algorithm>
#include <cctype>

#include <fmt/format.h>

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

// A repository name of the OCI distribution specification, with an optional registry host and tag.
bool is_image_name(std::string_view name) {
  const auto allowed = [](char c) {
    return std::islower(static_cast<unsigned char>(c)) != 0 || std::isdigit(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("._-/").find(c) != std::string_view::npos;
  };
  const std::string_view path = name.substr(0, name.find_first_of("@"));
  const std::size_t last_part = path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1;
  const std::size_t colon = path.find(':', last_part);
  const std::string_view repository = path.substr(0, colon);
  const std::size_t first_slash = repository.find('/');
  const bool has_host = first_slash != std::string_view::npos &&
                        repository.substr(0, first_slash).find_first_of(".:") != std::string_view::npos;
  const std::string_view checked = has_host ? repository.substr(first_slash + 1) : repository;
  if (checked.empty() || !std::all_of(checked.begin(), checked.end(), allowed)) return false;
  return std::isalnum(static_cast<unsigned char>(checked.front())) != 0 &&
         std::isalnum(static_cast<unsigned char>(checked.back())) != 0 && checked.find("//") == std::string_view::npos;
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_pipeline(subject, findings, [&](const PipelinePlace& place) {
    check_id(place.system, place.pipeline.value, "pipeline", place.pipeline.name, true, place.path, "pipeline",
             findings);
  });
  for_each_task(subject, findings, [&](const TaskPlace& place) {
    check_id(place.system, place.task.value, "task", place.task.name, false, place.path, "task", findings);
    check_variables(place.system, place.task.value, place.path, findings);
  });
  for (const model::System& system : subject.systems) {
    for (const model::Service& service : system.services)
      check_variables(system, service.value, item_path("services", service.name), findings);
    for (const model::Image& image : system.images) {
      const bool named = image.value != nullptr && image.value->find("image") != nullptr;
      if (!named || is_image_name(image.name)) continue;
      if (findings.full(system.file)) break;
      Diagnostic found = finding(bad_name, system, model::locate(image.value, "image"), item_path("images", image.name),
                                 fmt::format("`{}` is not a name that an image can have", image.name));
      found.value = image.name;
      found.help = "use lower case letters, digits, `.`, `_`, `-`, parts divided by `/`, such as `team/trainer`";
      findings.report(std::move(found));
    }
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
