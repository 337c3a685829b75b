#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

Diagnostic at(const model::System& system, const document::Origin& origin, std::string path, std::string value,
              std::string message, std::string help) {
  Diagnostic found = finding(bad_endpoint, system, origin, std::move(path), std::move(message));
  found.value = std::move(value);
  found.help = std::move(help);
  return found;
}

void check_paths(const model::System& system, const std::vector<model::Endpoint>& endpoints, const std::string& owner,
                 DiagnosticSink& findings) {
  std::map<std::string_view, document::Origin> taken;
  for (const model::Endpoint& endpoint : endpoints) {
    const document::Origin origin = model::locate(endpoint.value, "endpoint");
    const std::string path = fmt::format("{}.{}.endpoint", owner, item_path("endpoints", endpoint.path));
    if (endpoint.path.empty() || document::holds_template(endpoint.path)) continue;
    if (!endpoint.path.starts_with('/'))
      findings.report(at(system, origin, path, endpoint.path,
                         fmt::format("the endpoint `{}` is never asked for: a path begins with `/`", endpoint.path),
                         fmt::format("write `/{}`", endpoint.path)));
    // The server looks for the path alone; a browser's request for an icon it answers itself.
    const bool icon = endpoint.path == "/favicon.ico";
    if (icon || endpoint.path.find_first_of("?#") != std::string::npos)
      findings.report(at(system, origin, path, endpoint.path,
                         fmt::format("the endpoint `{}` is never asked for: {}", endpoint.path,
                                     icon ? "the server answers it itself" : "no path has `?` or `#` in it"),
                         icon ? "give it another path" : "leave it out"));
    const auto [first, fresh] = taken.emplace(endpoint.path, origin);
    if (fresh) continue;
    Diagnostic found =
        at(system, origin, path, endpoint.path, fmt::format("there is another endpoint `{}`", endpoint.path),
           "give one of them another path");
    document::add_related(found, first->second, "the first is here");
    findings.report(std::move(found));
  }
}

bool same(const std::vector<model::Endpoint>& some, const std::vector<model::Endpoint>& others) {
  return std::equal(some.begin(), some.end(), others.begin(), others.end(),
                    [](const model::Endpoint& one, const model::Endpoint& other) {
                      return one.path == other.path && one.module == other.module && one.function == other.function;
                    });
}

// What a service adds is built into its image, when that says nothing itself (config, from_value.cpp).
void check_service(const model::System& system, const model::Service& service, const model::Image* image,
                   DiagnosticSink& findings) {
  const bool built = image != nullptr;
  if (built ? image->endpoints.empty() || same(service.endpoints, image->endpoints)
            : !names_another_registry(service.image))
    return;
  Diagnostic found =
      at(system, model::locate(service.value, "endpoints"), item_path("services", service.name) + ".endpoints",
         service.name,
         fmt::format("the endpoints of service `{}` have no effect: {}", service.name,
                     built ? fmt::format("image `{}` answers others", image->name) : "its image is not built here"),
         built ? "write all endpoints into the image, or give the service an image of its own" : "leave them out");
  found.severity = Severity::warning;
  if (built) document::add_related(found, image->endpoints.front().value->origin, "these are answered");
  findings.report(std::move(found));
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Image& image : system.images) {
      if (!findings.full(system.file)) check_paths(system, image.endpoints, item_path("images", image.name), findings);
    }
    const ByName<model::Image> images(system.images);
    for (const model::Service& service : system.services) {
      if (!service.endpoints.empty() && !findings.full(system.file))
        check_service(system, service, images.find(service.image), findings);
    }
  }
}

}  // namespace

const Rule bad_endpoint{
    .id = "bad-endpoint",
    .severity = Severity::error,
    .summary = "An endpoint that no request reaches.",
    .explanation =
        R"(A `python_server` answers the paths of its image's `endpoints`: each begins with `/` and stands once. An image without endpoints takes those of a service that uses it, of
one service alone: others are dropped, with a warning.)",
    .bad = R"(name: shop
images:
  - image: server
    type: python_server
    source: src
    endpoints:
      - endpoint: predict
        module: serving
        function: predict
pipelines: []
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
pipelines: []
)",
    .check = check,
};

}  // namespace liminal::rules
