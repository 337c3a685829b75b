#include "layers.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"
#include "liminal/base/thread_pool.hpp"

namespace liminal::config {

namespace {

using document::Origin;
using document::Value;

std::string text_of(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value == nullptr ? std::string() : value->text();
}

Origin origin_of(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value == nullptr ? map.origin : value->origin;
}

// What says which files belong together is read before anything is rendered.
void refuse_placeholders(const Layer& layer, DiagnosticSink& findings) {
  for (const char* key : {"name", "type", "super"}) {
    const Value* value = layer.value.find(key);
    if (value == nullptr || !document::holds_template(value->scalar)) continue;
    findings.report(document::finding_at("schema-value", value->origin, key, value->scalar,
                                         fmt::format("`{}` of a file cannot be a placeholder", key),
                                         "write it out: it is read before placeholders are rendered"));
  }
}

std::optional<Layer> read_layer(const Project& project, std::size_t file, DiagnosticSink& findings) {
  const auto& document = project.documents[file];
  if (document == nullptr || document->root() == nullptr || document->root()->kind != document::Kind::mapping)
    return std::nullopt;
  Layer layer;
  layer.value = Value::of(*document->root());
  layer.file = file;
  layer.name = text_of(layer.value, "name");
  layer.is_super = text_of(layer.value, "type") == "super";
  layer.super = text_of(layer.value, "super");
  // A name that is a list or a map is its schema's.
  const Value* name = layer.value.find("name");
  if (layer.name.empty() && (name == nullptr || name->kind == document::Kind::scalar)) {
    // The whole map would be underlined: its first key is enough.
    Origin at = origin_of(layer.value, "name");
    if (at.node == document->root() && !document->root()->members.empty()) at = {document->root()->members.front().key};
    findings.report(document::finding_at("missing-name", at, "name", "", "the file has no `name`",
                                         "add `name: NAME` at the top: other files refer to it by that name"));
  }
  refuse_placeholders(layer, findings);
  return layer;
}

void report_duplicate(const Layer& layer, const Layer& first, DiagnosticSink& findings) {
  Diagnostic found = document::finding_at("duplicate-name", origin_of(layer.value, "name"), "name", layer.name,
                                          fmt::format("there is another file with the name `{}`", layer.name),
                                          "give one of them another name");
  document::add_related(found, origin_of(first.value, "name"), "the first is here");
  findings.report(std::move(found));
}

void report_unknown_super(const Layer& layer, const Layers& layers, DiagnosticSink& findings) {
  std::vector<std::string_view> known{"base"};
  for (const Layer& other : layers.all) {
    if (other.is_super) known.push_back(other.name);
  }
  const auto likely = nearest(layer.super, known);
  findings.report(document::finding_at(
      "unknown-super", origin_of(layer.value, "super"), "super", layer.super,
      fmt::format("no file has the name `{}`", layer.super),
      likely ? fmt::format("did you mean `{}`?", *likely)
             : "add the file with that `name` and `type: super` to the folders that are searched"));
}

// `chain` is the whole circle.
void report_cycle(const std::vector<const Layer*>& chain, DiagnosticSink& findings) {
  const Layer& first = *chain.front();
  std::string names;
  for (const Layer* layer : chain) names += layer->name + " -> ";
  Diagnostic found = document::finding_at("super-cycle", origin_of(first.value, "super"), "super", first.super,
                                          "the layers inherit from each other in a circle: " + names + first.name,
                                          "take one `super` out");
  for (std::size_t i = 1; i < chain.size(); ++i)
    document::add_related(found, origin_of(chain[i]->value, "super"), fmt::format("`{}` goes on here", chain[i]->name));
  findings.report(std::move(found));
}

}  // namespace

Layers read_layers(const World& world, const Project& project, DiagnosticSink& findings) {
  std::vector<std::optional<Layer>> read(project.documents.size());
  std::vector<DiagnosticList> by_file(read.size());
  parallel_for(world.jobs, read.size(), [&](std::size_t i) { read[i] = read_layer(project, i, by_file[i]); });
  Layers layers;
  for (std::size_t i = 0; i < read.size(); ++i) {
    for (Diagnostic& item : by_file[i].items) findings.report(std::move(item));
    if (!read[i]) continue;
    const Layer& layer = layers.all.emplace_back(std::move(*read[i]));
    if (layer.name.empty()) continue;
    const auto [first, is_new] = layers.by_name.emplace(layer.name, layers.all.size() - 1);
    if (!is_new) report_duplicate(layer, layers.all[first->second], findings);
  }
  for (const Layer& layer : layers.all) {
    const auto above = layers.by_name.find(layer.super);
    if (above != layers.by_name.end()) layers.all[above->second].inherited = true;
  }
  return layers;
}

std::vector<const Layer*> chain_of(const Layer& layer, const Layers& layers, DiagnosticSink& findings) {
  std::vector<const Layer*> chain{&layer};
  std::unordered_set<const Layer*> seen{&layer};
  for (;;) {
    const Layer& last = *chain.back();
    const auto above = layers.by_name.find(last.super);
    if (last.super.empty() || (last.super == "base" && above == layers.by_name.end())) return chain;
    if (above == layers.by_name.end()) {
      if (&last == &layer) report_unknown_super(layer, layers, findings);
      return chain;
    }
    const Layer* next = &layers.all[above->second];
    if (!seen.insert(next).second) {
      const bool first_of_circle =
          std::all_of(chain.begin(), chain.end(), [&](const Layer* other) { return other->file >= layer.file; });
      if (next == &layer && first_of_circle) report_cycle(chain, findings);
      return chain;
    }
    chain.push_back(next);
  }
}

}  // namespace liminal::config
