// What a deploy would change, for people and for programs. Values of secrets are in neither.
#pragma once

#include <vector>

#include "liminal/deploy/cluster.hpp"
#include "liminal/report/terminal.hpp"

namespace liminal::deploy {

// One screen: objects with their fields, what stays is counted.
void print(report::Terminal& terminal, const std::vector<SetPlan>& plans);
[[nodiscard]] Json to_json(const std::vector<SetPlan>& plans);
// 1 to create, 2 to change, ...
[[nodiscard]] std::string summary(const std::vector<SetPlan>& plans);

}  // namespace liminal::deploy
