#include <optional>

#include "liminal/base/thread_pool.hpp"

#include "expand_types.hpp"
#include "from_value.hpp"
#include "layers.hpp"
#include "placeholders.hpp"
#include "system_types.hpp"
#include "unused_settings.hpp"

namespace liminal::config {

namespace {

void report_too_large(const document::Origin& origin, DiagnosticSink& findings) {
  Diagnostic found;
  found.rule = "expansion-limit";
  found.message = "the defaults of this file would be copied into more than 2 million values";
  found.help = "make the defaults smaller, or split the file";
  if (auto location = origin.location()) found.location = {location->file, {{1, 1}, {1, 1}}};
  found.source = origin.source();
  findings.report(std::move(found));
}

// `layer` begins the chain. Its value is used up, unless other files inherit from it.
model::System resolve_system(const World& world, const Project& project, const Options& options, Layer& layer,
                             const std::vector<const Layer*>& chain, const document::Value& base,
                             const SystemTypes& types, DiagnosticSink& findings) {
  const document::Origin origin = layer.value.origin;
  MergedSystem merged = merge(chain, layer.inherited ? layer.value : std::move(layer.value), base);
  if (merged.too_large) report_too_large(origin, findings);
  render_placeholders(merged.root, options.set, world.environment, findings);
  const TypeTable& table = types.of(layer.file);
  if (table.names != nullptr) expand_types(merged.root, table, findings);
  model::System system;
  system.name = layer.name;
  system.file = project.files[layer.file].shown;
  system.path = project.files[layer.file].path.lexically_relative(project.root).generic_string();
  system.folder = project.files[layer.file].path.parent_path();
  system.resolved = std::make_shared<const document::Value>(std::move(merged.root));
  for (const Layer* part : chain) system.documents.push_back(project.documents[part->file]);
  system.declared = table.names;
  for (const std::size_t file : types.files_of(layer.file)) {
    if (project.types.documents[file] != nullptr) system.documents.push_back(project.types.documents[file]);
  }
  fill_model(system, merged.groups, table);
  return system;
}

}  // namespace

std::vector<model::System> resolve(const World& world, const Project& project, const Options& options,
                                   DiagnosticSink& findings) {
  tell_unused_settings(world, project, options);
  Layers layers = read_layers(world, project, findings);
  const document::Value base = make_base();
  const SystemTypes types(project, layers, findings);
  std::vector<std::optional<model::System>> resolved(layers.all.size());
  // Findings are kept apart by file, so that their order does not depend on the threads.
  std::vector<DiagnosticList> by_file(layers.all.size());
  parallel_for(world.jobs, layers.all.size(), [&](std::size_t i) {
    if (world.cancellation.requested()) return;
    const std::vector<const Layer*> chain = chain_of(layers.all[i], layers, by_file[i]);
    if (!layers.all[i].is_super)
      resolved[i] = resolve_system(world, project, options, layers.all[i], chain, base, types, by_file[i]);
  });
  std::vector<model::System> systems;
  for (std::size_t i = 0; i < resolved.size(); ++i) {
    for (Diagnostic& item : by_file[i].items) findings.report(std::move(item));
    if (resolved[i]) systems.push_back(std::move(*resolved[i]));
  }
  return systems;
}

}  // namespace liminal::config
