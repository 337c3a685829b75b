#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

void check_reference(const model::System& system, const ByName<model::Image>& declared, std::string_view image,
                     const model::Value* object, const std::string& path, std::string_view who,
                     DiagnosticSink& findings) {
  if (image.empty() || declared.find(image) != nullptr) return;
  const document::Origin origin = model::locate(object, "image");
  Diagnostic found = finding(unknown_image, system, origin, path + ".image",
                             fmt::format("{} uses the image `{}`, which is not declared", who, image));
  suggest_name(found, "image", image, names_of(system.images), origin);
  const bool likely_slip = found.help.starts_with("did you mean");
  if (names_another_registry(image) && !likely_slip) return;
  findings.report(std::move(found));
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    const ByName declared(system.images);
    for_each_task(system, findings, [&](const TaskPlace& place) {
      if (!model::runs_in_container(place.task.type)) return;
      check_reference(system, declared, place.task.image, place.task.value, place.path,
                      fmt::format("task `{}`", place.task.name), findings);
    });
    for (const model::Service& service : system.services) {
      check_reference(system, declared, service.image, service.value, item_path("services", service.name),
                      fmt::format("service `{}`", service.name), findings);
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
