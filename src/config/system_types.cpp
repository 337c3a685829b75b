#include "system_types.hpp"

#include <algorithm>

namespace liminal::config {

SystemTypes::SystemTypes(const Project& project, const Layers& layers, DiagnosticSink& findings) {
  const TypesFiles& types = project.types;
  if (types.files.empty()) return;
  DiagnosticList found;
  for (const auto& document : types.documents)
    declared_.push_back(document == nullptr ? std::vector<DeclaredType>() : read_types(*document, found));
  // Each alone as well: one that no system uses is wrong all the same.
  for (std::size_t i = 0; i < declared_.size(); ++i) table_of({i}, found);
  for (const Layer& layer : layers.all) {
    if (layer.is_super) continue;
    DiagnosticList told_elsewhere;
    Files files;
    for (const Layer* part : chain_of(layer, layers, told_elsewhere)) {
      for (const std::size_t file : types.of_file[part->file]) {
        if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
      }
    }
    if (files.empty()) continue;
    table_of(files, found);
    const auto entry = tables_.find(files);
    of_file_.emplace(layer.file, std::pair(&entry->first, &entry->second));
  }
  // Several systems may see the same clash.
  sort_and_deduplicate(found.items);
  for (Diagnostic& item : found.items) findings.report(std::move(item));
}

const TypeTable* SystemTypes::table_of(const Files& files, DiagnosticSink& findings) {
  const auto known = tables_.find(files);
  if (known != tables_.end()) return &known->second;
  std::vector<const std::vector<DeclaredType>*> declared;
  for (const std::size_t file : files) declared.push_back(&declared_[file]);
  return &tables_.emplace(files, make_table(declared, findings)).first->second;
}

const TypeTable& SystemTypes::of(std::size_t file) const {
  static const TypeTable none;
  const auto found = of_file_.find(file);
  return found == of_file_.end() ? none : *found->second.second;
}

const std::vector<std::size_t>& SystemTypes::files_of(std::size_t file) const {
  static const Files none;
  const auto found = of_file_.find(file);
  return found == of_file_.end() ? none : *found->second.first;
}

}  // namespace liminal::config
