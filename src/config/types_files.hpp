// Finding and reading the files that declare types.
#pragma once

#include "liminal/config/config.hpp"

namespace liminal::config {

struct TypesSearch {
  const std::vector<SourceFile>& files;  // whose folders and those above are looked into
  const std::vector<SourceFile>& named;  // read whether a file is below them or not
  std::filesystem::path common;          // the folder that all files are below
  std::filesystem::path root;            // nothing above it is looked into
};

[[nodiscard]] bool is_types_file(const SourceFile& file);

// Each folder is looked into once. Reports as `load_file`.
[[nodiscard]] TypesFiles load_types(const World& world, const TypesSearch& search, DiagnosticSink& findings);

}  // namespace liminal::config
