#include <set>

#include <fmt/format.h>

#include "liminal/jinja/template_parts.hpp"
#include "liminal/model/airflow_names.hpp"

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

class References {
 public:
  References(const model::System& system, DiagnosticSink& findings)
      : system_(system), declared_(system.images), names_(names_of(system.images)), findings_(findings) {}

  void check(std::string_view image, const model::Value* object, const std::string& path, std::string_view who) {
    if (is_blank(image) || declared_.find(image) != nullptr) return;
    if (const std::string_view name = placeholder_of(image); !name.empty())
      return report_placeholder(name, image, object, path, who);
    const bool elsewhere = names_another_registry(image);
    if (elsewhere && (foreign_.contains(image) || foreign_.size() == most_foreign)) return;
    const document::Origin origin = model::locate(object, "image");
    Diagnostic found = finding(unknown_image, system_, origin, path + ".image",
                               fmt::format("{} uses the image `{}`, which is not declared", who, image));
    suggest_name(found, "image", image, names_, origin);
    if (elsewhere && !found.help.starts_with("did you mean")) {
      foreign_.insert(image);
      return;
    }
    findings_.report(std::move(found));
  }

 private:
  // The first name in {{ }} that no variable stands for and Airflow does not have. Elsewhere a run may give it; what
  // image to pull is asked before.
  static std::string_view placeholder_of(std::string_view image) {
    for (const jinja::Part& part : jinja::parts(image)) {
      if (part.kind != jinja::Part::Kind::expression) continue;
      const std::string_view name = jinja::first_name(part.text);
      if (!name.empty() && !model::is_airflow_name(name)) return name;
    }
    return {};
  }

  void report_placeholder(std::string_view name, std::string_view image, const model::Value* object,
                          const std::string& path, std::string_view who) {
    const document::Origin origin = model::locate(object, "image");
    Diagnostic found = finding(unknown_image, system_, origin, path + ".image",
                               fmt::format("{} uses the image `{}`, and nothing gives `{}` a value", who, image, name));
    found.value = image;
    found.help = fmt::format("set it in the root's `variables`, or by `--set {}=VALUE`", name);
    findings_.report(std::move(found));
  }

  // Each is compared with all declared names; nobody's file has so many different ones.
  static constexpr std::size_t most_foreign = 200;

  const model::System& system_;
  const ByName<model::Image> declared_;
  const std::vector<std::string_view> names_;
  DiagnosticSink& findings_;
  std::set<std::string_view> foreign_;  // from other registries, and no slips of declared ones
};

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    References references(system, findings);
    for_each_task(system, findings, [&](const TaskPlace& place) {
      if (!model::runs_in_container(place.task.type)) return;
      references.check(place.task.image, place.task.value, place.path, fmt::format("task `{}`", place.task.name));
    });
    for (const model::Service& service : system.services) {
      if (findings.full(system.file)) break;
      references.check(service.image, service.value, item_path("services", service.name),
                       fmt::format("service `{}`", service.name));
    }
  }
}

}  // namespace

const Rule unknown_image{
    .id = "unknown-image",
    .severity = Severity::error,
    .summary = "A task or service uses an image that is not declared.",
    .explanation =
        R"(Every image that is built from this repository is declared once under `images`, and tasks and services name it by its
`image` key. A name that nobody declares shows up on the cluster only as a pod that never starts.

An image that comes from elsewhere is named with its tag or digest (`python:3.12-slim`, `registry.example.com/team/tool:1.4`) and needs no
declaration.)",
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
        image: trainr
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
