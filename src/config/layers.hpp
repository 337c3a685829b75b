// Inheritance: which files stand above which, and what a file's values are with all of them merged.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "liminal/config/config.hpp"

namespace liminal::config {

// One file as a layer.
struct Layer {
  std::string name;
  bool is_super = false;
  std::string super;      // name of the layer above; empty: base
  document::Value value;  // the file's root map
  std::size_t file = 0;   // index into the project's files
};

// Every file that is a map with a name. Reports missing-name and duplicate-name.
[[nodiscard]] std::vector<Layer> read_layers(const Project& project, DiagnosticSink& findings);

// The layer and those above it, nearest first, without the built-in base. Reports unknown-super and super-cycle, and
// stops there.
[[nodiscard]] std::vector<const Layer*> chain_of(const Layer& layer, const std::vector<Layer>& layers,
                                                 DiagnosticSink& findings);

// How many tasks of a merged pipeline came from the layers' before_tasks and after_tasks.
struct TaskShares {
  std::size_t before = 0;
  std::size_t after = 0;
};

struct MergedSystem {
  document::Value root;
  std::vector<TaskShares> shares;  // of each pipeline
};

// docs/compatibility.md tells the rules of merging.
[[nodiscard]] MergedSystem merge(const std::vector<const Layer*>& chain);

}  // namespace liminal::config
