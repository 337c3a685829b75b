#include "unused_settings.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"

#include "placeholders.hpp"

namespace liminal::config {

namespace {

using document::Node;
using Names = std::set<std::string, std::less<>>;

void add_placeholders(const Node& node, Names& names) {
  for (const Node* item : node.items) add_placeholders(*item, names);
  for (const document::Member& member : node.members) add_placeholders(*member.value, names);
  std::size_t from = 0;
  while (auto placeholder = next_placeholder(node.scalar, from)) {
    from = placeholder->end;
    names.insert(std::move(placeholder->name));
  }
}

// The variables that a file has, and those that its placeholders name.
void add_names(const Node& root, Names& names) {
  add_placeholders(root, names);
  const Node* variables = root.find("variables");
  if (variables == nullptr) return;
  for (const document::Member& member : variables->members) names.emplace(member.key->scalar);
}

}  // namespace

void tell_unused_settings(const World& world, const Project& project, const Options& options) {
  if (options.set.empty()) return;
  Names used;
  for (const auto& document : project.documents) {
    if (document == nullptr || document->root() == nullptr) return;  // what is in it may use any name
    add_names(*document->root(), used);
  }
  constexpr std::size_t most_compared = 2000;
  std::vector<std::string_view> known(used.begin(), used.end());
  known.resize(std::min(known.size(), most_compared));
  for (const auto& [name, text] : options.set) {
    if (used.contains(name)) continue;
    const auto likely = nearest(name, known);
    world.progress.output("--set", likely ? fmt::format("nothing uses `{}`; did you mean `{}`?", name, *likely)
                                          : fmt::format("nothing uses `{}`; it changes nothing", name));
  }
}

}  // namespace liminal::config
