#include "layers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"

namespace liminal::config {

namespace {

using document::Origin;
using document::Value;

Diagnostic finding_at(std::string rule, const Origin& origin, std::string path, std::string value, std::string message,
                      std::string help) {
  Diagnostic found;
  found.rule = std::move(rule);
  found.message = std::move(message);
  found.help = std::move(help);
  found.yaml_path = std::move(path);
  found.value = std::move(value);
  if (auto location = origin.location()) found.location = std::move(*location);
  found.source = origin.source();
  return found;
}

std::string text_of(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value == nullptr ? std::string() : value->text();
}

Origin origin_of(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value == nullptr ? map.origin : value->origin;
}

}  // namespace

std::vector<Layer> read_layers(const Project& project, DiagnosticSink& findings) {
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < project.documents.size(); ++i) {
    const auto& document = project.documents[i];
    if (document == nullptr || document->root() == nullptr || document->root()->kind != document::Kind::mapping)
      continue;
    Layer layer;
    layer.value = Value::of(*document->root());
    layer.file = i;
    layer.name = text_of(layer.value, "name");
    layer.is_super = text_of(layer.value, "type") == "super";
    layer.super = text_of(layer.value, "super");
    if (layer.name.empty()) {
      // The whole map would be underlined: its first key is enough.
      Origin at = origin_of(layer.value, "name");
      if (at.node == document->root() && !document->root()->members.empty())
        at = {document->root()->members.front().key};
      findings.report(finding_at("missing-name", at, "name", "", "the file has no `name`",
                                 "add `name: NAME` at the top: other files refer to it by that name"));
      continue;
    }
    const auto same =
        std::find_if(layers.begin(), layers.end(), [&](const Layer& other) { return other.name == layer.name; });
    if (same != layers.end()) {
      Diagnostic found = finding_at("duplicate-name", origin_of(layer.value, "name"), "name", layer.name,
                                    fmt::format("there is another file with the name `{}`", layer.name),
                                    "give one of them another name");
      document::add_related(found, origin_of(same->value, "name"), "the first is here");
      findings.report(std::move(found));
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::vector<const Layer*> chain_of(const Layer& layer, const std::vector<Layer>& layers, DiagnosticSink& findings) {
  std::vector<const Layer*> chain{&layer};
  std::string names = layer.name;
  while (!chain.back()->super.empty() && chain.back()->super != "base") {
    const Layer& last = *chain.back();
    const auto above =
        std::find_if(layers.begin(), layers.end(), [&](const Layer& other) { return other.name == last.super; });
    if (above == layers.end()) {
      std::vector<std::string_view> known{"base"};
      for (const Layer& other : layers) {
        if (other.is_super) known.push_back(other.name);
      }
      const auto likely = nearest(last.super, known);
      findings.report(
          finding_at("unknown-super", origin_of(last.value, "super"), "super", last.super,
                     fmt::format("no file has the name `{}`", last.super),
                     likely ? fmt::format("did you mean `{}`?", *likely)
                            : "add the file with that `name` and `type: super` to the folders that are searched"));
      return chain;
    }
    names += " -> " + above->name;
    if (std::find(chain.begin(), chain.end(), &*above) != chain.end()) {
      findings.report(finding_at("super-cycle", origin_of(last.value, "super"), "super", last.super,
                                 fmt::format("the layers inherit from each other in a circle: {}", names),
                                 "take one `super` out"));
      return chain;
    }
    chain.push_back(&*above);
  }
  return chain;
}

}  // namespace liminal::config
