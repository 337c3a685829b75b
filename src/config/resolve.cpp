#include "from_value.hpp"
#include "layers.hpp"
#include "placeholders.hpp"

namespace liminal::config {

std::vector<model::System> resolve(const World& world, const Project& project, const Options& options,
                                   DiagnosticSink& findings) {
  const std::vector<Layer> layers = read_layers(project, findings);
  std::vector<model::System> systems;
  for (const Layer& layer : layers) {
    const std::vector<const Layer*> chain = chain_of(layer, layers, findings);
    if (layer.is_super) continue;
    MergedSystem merged = merge(chain);
    render_placeholders(merged.root, options.set, world.environment, findings);
    model::System system;
    system.name = layer.name;
    system.file = project.files[layer.file].shown;
    system.folder = project.files[layer.file].path.parent_path();
    system.resolved = std::make_shared<const document::Value>(std::move(merged.root));
    for (const Layer* part : chain) system.documents.push_back(project.documents[part->file]);
    fill_model(system, merged.shares);
    systems.push_back(std::move(system));
  }
  return systems;
}

}  // namespace liminal::config
