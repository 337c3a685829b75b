// The plan stage: a dry run of everything, from the model alone. Touches nothing.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "liminal/build/build.hpp"
#include "liminal/engine/engine.hpp"
#include "liminal/model/model.hpp"
#include "liminal/report/run_report.hpp"

namespace liminal::plan {

struct PipelinePlan {
  const model::System* system = nullptr;
  const model::Pipeline* pipeline = nullptr;
  std::vector<std::vector<std::size_t>> waves;      // indices of tasks
  std::vector<std::chrono::sys_seconds> next_runs;  // at most three; empty when started by hand
};

struct Plan {
  std::vector<PipelinePlan> pipelines;
  std::vector<build::ImagePlan> images;
  engine::Rendered rendered;
  report::Stage stage;  // one case a pipeline
};

[[nodiscard]] Plan make_plan(const std::vector<model::System>& systems, std::vector<build::ImagePlan> images,
                             engine::Rendered rendered, engine::Engine engine, std::chrono::sys_seconds now);

[[nodiscard]] std::string to_mermaid(const Plan& plan);
[[nodiscard]] std::string to_dot(const Plan& plan);
[[nodiscard]] Json to_json(const Plan& plan);

}  // namespace liminal::plan
