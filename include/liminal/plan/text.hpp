// A plan for people: one screen.
#pragma once

#include "liminal/plan/plan.hpp"
#include "liminal/report/terminal.hpp"

namespace liminal::plan {

void print(report::Terminal& terminal, const Plan& plan);

}  // namespace liminal::plan
