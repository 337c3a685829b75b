// Inheritance: which files stand above which, and what a file's values are with all of them merged.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "liminal/config/config.hpp"

namespace liminal::config {

// One file as a layer.
struct Layer {
  std::string name;
  bool is_super = false;
  std::string super;       // name of the layer above; empty: base
  document::Value value;   // the file's root map
  std::size_t file = 0;    // index into the project's files
  bool inherited = false;  // another file names it as its super
};

// The files as layers, in the order of the files, and which of them a name means: of two with one name the first.
struct Layers {
  std::vector<Layer> all;
  std::unordered_map<std::string, std::size_t> by_name;
};

// Every file that is a map. Reports missing-name and duplicate-name.
[[nodiscard]] Layers read_layers(const World& world, const Project& project, DiagnosticSink& findings);

// The layer and those above it, nearest first, without the built-in base. Stops at a super that is unknown or below
// already. Reports unknown-super where `layer` itself names it, and super-cycle for the first file of the circle alone.
[[nodiscard]] std::vector<const Layer*> chain_of(const Layer& layer, const Layers& layers, DiagnosticSink& findings);

// The layer above all others; it stands in no file.
[[nodiscard]] document::Value make_base();

// Which of a merged pipeline's tasks belong together: each layer's before_tasks are a group, then the pipeline's own
// tasks, then each layer's after_tasks. One number a task, ascending.
using TaskGroups = std::vector<std::size_t>;

struct MergedSystem {
  document::Value root;
  std::vector<TaskGroups> groups;  // of each pipeline
  // Defaults would have been copied into more values than a program should hold; the rest was left out.
  bool too_large = false;
};

// Maps are merged key by key, all else is replaced: `lower` wins.
void merge_into(document::Value& upper, const document::Value& lower);

// docs/format.md tells the rules of merging. `lowest` is the first layer's value, taken apart, since it may be most of
// what the program holds.
[[nodiscard]] MergedSystem merge(const std::vector<const Layer*>& chain, document::Value lowest,
                                 const document::Value& base);

}  // namespace liminal::config
