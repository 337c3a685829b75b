#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

const std::vector<std::string>* declared_in(const model::System& system,
                                            std::vector<std::string> model::DeclaredNames::*names) {
  return system.declared == nullptr ? nullptr : &((*system.declared).*names);
}

// The types of tasks, of images or of executors that a system knows.
struct Types {
  std::span<const std::string_view> built_in;
  const std::vector<std::string>* declared;

  [[nodiscard]] bool has(std::string_view type) const {
    return std::find(built_in.begin(), built_in.end(), type) != built_in.end() ||
           (declared != nullptr && std::find(declared->begin(), declared->end(), type) != declared->end());
  }

  // What may be done about one that is not known.
  void suggest(Diagnostic& found, std::string_view type, document::Origin origin) const {
    std::vector<std::string_view> names;
    for (const std::string_view name : built_in) {
      if (name != "pipeline") names.push_back(name);
    }
    if (declared != nullptr) names.insert(names.end(), declared->begin(), declared->end());
    suggest_name(found, "type", type, names, origin);
    if (found.help.starts_with("declared here"))
      found.help = "write one of " + quoted_list(names) + ", or declare it in liminal.types.yml";
  }
};

void check_type(const model::System& system, const document::Value* object, const std::string& type,
                const std::string& path, const std::string& who, const Types& types, DiagnosticSink& findings) {
  // Without any it is missing, which is told elsewhere.
  const document::Value* written = object == nullptr ? nullptr : object->find("type");
  if (type.empty() && (written == nullptr || !written->is_string())) return;
  if (types.has(type) || findings.full(system.file)) return;
  const document::Origin origin = model::locate(object, "type");
  Diagnostic found = finding(unknown_type, system, origin, path + ".type",
                             fmt::format("{} is of type `{}`, which does not exist", who, type));
  types.suggest(found, type, origin);
  findings.report(std::move(found));
}

// Defaults of a type that no task can have. One that is not near to any may be for files elsewhere.
void check_defaults(const model::System& system, const Types& types, DiagnosticSink& findings) {
  const document::Value* defaults = system.resolved == nullptr ? nullptr : system.resolved->find("task_defaults");
  if (defaults == nullptr) return;
  for (const document::Value::Member& member : defaults->members) {
    if (types.has(member.key) || findings.full(system.file)) continue;
    Diagnostic found =
        finding(unknown_type, system, member.key_origin, "task_defaults." + member.key,
                fmt::format("`task_defaults` has defaults for tasks of type `{}`, which does not exist", member.key));
    types.suggest(found, member.key, member.key_origin);
    if (!found.help.starts_with("did you mean")) found.severity = Severity::warning;
    findings.report(std::move(found));
  }
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for_each_task(subject, findings, [&](const TaskPlace& place) {
    check_type(place.system, place.task.value, place.task.type_name, place.path,
               fmt::format("task `{}`", place.task.name),
               {model::built_in_tasks, declared_in(place.system, &model::DeclaredNames::tasks)}, findings);
  });
  for (const model::System& system : subject.systems) {
    check_defaults(system, {model::built_in_tasks, declared_in(system, &model::DeclaredNames::tasks)}, findings);
    const Types images{model::built_in_images, declared_in(system, &model::DeclaredNames::images)};
    for (const model::Image& image : system.images) {
      check_type(system, image.value, image.type_name, item_path("images", image.name),
                 fmt::format("image `{}`", image.name), images, findings);
    }
    const Types executors{model::built_in_executors, declared_in(system, &model::DeclaredNames::executors)};
    for (const model::Executor& executor : system.executors) {
      check_type(system, executor.value, executor.type_name, item_path("executors", executor.name),
                 fmt::format("executor `{}`", executor.name), executors, findings);
    }
  }
}

}  // namespace

const Rule unknown_type{
    .id = "unknown-type",
    .severity = Severity::error,
    .summary = "A task, image, executor or default is of a type that does not exist.",
    .explanation =
        R"(The types of tasks are `python`, `spark`, `sql`, `create_cloudformation_stack`, `delete_cloudformation_stack`, `job_start` and `job_end`; of
images `python`, `python_server` and `spark`; of executors `kubernetes`, `emr` and `airflow`. Types that Apache Liminal got from a Python plug-in
are declared in a `liminal.types.yml` instead, since no plug-in is loaded. `task_defaults` for a type that no task can have are told, too: they would
be for nobody. Where the name is no slip of a known one that is a warning, since other files may have such tasks.)",
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
        type: pyton
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
      - task: train
        type: python
        image: trainer
        cmd: echo training
)",
    .check = check,
};

}  // namespace liminal::rules
