#include "kept_tasks.hpp"

#include <map>
#include <vector>

namespace liminal::run {

std::set<std::string> kept_tasks(const engine::ArgoGraph& graph, const std::set<std::string>& succeeded) {
  std::set<std::string> kept;
  std::vector<std::string> again;
  std::map<std::string, std::vector<std::string>> after;
  for (const auto& [name, before] : graph) {
    for (const std::string& other : before) after[other].push_back(name);
    if (succeeded.contains(name)) {
      kept.insert(name);
    } else {
      again.push_back(name);
    }
  }
  while (!again.empty()) {
    const std::string name = std::move(again.back());
    again.pop_back();
    for (const std::string& next : after[name]) {
      if (kept.erase(next) > 0) again.push_back(next);
    }
  }
  return kept;
}

}  // namespace liminal::run
