// Which declared types count for which system: those above its file and above the files of its layers.
#pragma once

#include <map>

#include "declared_types.hpp"
#include "layers.hpp"

namespace liminal::config {

class SystemTypes {
 public:
  // Reports what `read_types` and `make_table` do.
  SystemTypes(const Project& project, const Layers& layers, DiagnosticSink& findings);

  // Of the system whose lowest layer is this file of the project.
  [[nodiscard]] const TypeTable& of(std::size_t file) const;
  // The types files that count for it, nearest first.
  [[nodiscard]] const std::vector<std::size_t>& files_of(std::size_t file) const;

 private:
  using Files = std::vector<std::size_t>;

  const TypeTable* table_of(const Files& files, DiagnosticSink& findings);

  std::vector<std::vector<DeclaredType>> declared_;  // of each types file
  std::map<Files, TypeTable> tables_;
  std::map<std::size_t, std::pair<const Files*, const TypeTable*>> of_file_;
};

}  // namespace liminal::config
