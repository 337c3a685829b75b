#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// What is built of such an image ends at once, or waits for a command that a service does not have. Of one that is not
// built here nothing is known.
bool has_no_server(const model::Image& image) {
  return image.source && (image.type == model::ImageType::python || image.type == model::ImageType::spark);
}

void check_service(const model::System& system, const model::Service& service, const model::Image& image,
                   DiagnosticSink& findings) {
  const document::Origin origin = model::locate(service.value, "image");
  Diagnostic found = finding(image_cannot_serve, system, origin, item_path("services", service.name) + ".image",
                             fmt::format("service `{}` uses the image `{}` of type `{}`, which has no server",
                                         service.name, image.name, image.type_name));
  found.value = image.name;
  std::vector<std::string_view> fitting;
  for (const model::Image& other : system.images) {
    if (other.type == model::ImageType::python_server) fitting.push_back(other.name);
  }
  found.help = fitting.empty() ? "use an image of type `python_server`, with `endpoints`"
                               : "images of type `python_server`: " + quoted_list(fitting);
  document::add_related(found, model::locate(image.value, "type"), "its type is set here");
  findings.report(std::move(found));
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    const ByName declared(system.images);
    for (const model::Service& service : system.services) {
      if (findings.full(system.file)) break;
      const model::Image* image = declared.find(service.image);
      if (image != nullptr && has_no_server(*image)) check_service(system, service, *image, findings);
    }
  }
}

}  // namespace

const Rule image_cannot_serve{
    .id = "image-cannot-serve",
    .severity = Severity::error,
    .summary = "A service runs an image that has no server.",
    .explanation =
        R"(A service runs its image without a command: the image has to hold a server. Of the types that are built here `python_server` has one, which answers the image's
`endpoints`; a container of another ends as soon as it starts, and the deploy waits for it in vain.)",
    .bad = R"(name: shop
images:
  - image: server
    type: python
    source: src
services:
  - service: predictor
    image: server
)",
    .good = R"(name: shop
images:
  - image: server
    type: python_server
    source: src
    endpoints:
      - endpoint: /predict
        module: serving
        function: predict
services:
  - service: predictor
    image: server
)",
    .check = check,
};

}  // namespace liminal::rules
