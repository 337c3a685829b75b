#include "liminal/plan/plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/model/cron.hpp"
#include "liminal/report/counted.hpp"

namespace liminal::plan {

namespace {

constexpr std::size_t runs_shown = 3;
// Beyond it Python has no dates, and thus Airflow no runs.
constexpr std::chrono::sys_seconds end_of_dates{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}};

std::vector<std::chrono::sys_seconds> next_runs(const model::Pipeline& pipeline, std::chrono::sys_seconds now) {
  std::vector<std::chrono::sys_seconds> runs;
  if (!pipeline.schedule) return runs;
  const auto cron = model::Cron::parse(*pipeline.schedule);
  if (!cron) return runs;
  auto from = now;
  if (const auto& start = pipeline.start_date) {
    const std::chrono::year_month_day date{std::chrono::year{start->year}, std::chrono::month{start->month},
                                           std::chrono::day{start->day}};
    // The first run is at the start itself when the schedule names that moment.
    from = std::max(from, std::chrono::sys_seconds{std::chrono::sys_days{date}} - std::chrono::seconds{1});
  }
  while (runs.size() < runs_shown) {
    const auto next = cron->next(from);
    if (!next || *next >= end_of_dates) break;
    runs.push_back(*next);
    from = *next;
  }
  return runs;
}

report::Case case_of(const PipelinePlan& planned) {
  report::Case result;
  result.group = planned.system->name;
  result.name = planned.pipeline->name;
  result.file = planned.system->file;
  if (const auto where = model::locate(planned.pipeline->value, "pipeline").location())
    result.position = where->range.begin;
  result.summary = fmt::format("{} in {}", report::counted(planned.pipeline->tasks.size(), "task"),
                               report::counted(planned.waves.size(), "wave"));
  return result;
}

}  // namespace

Plan make_plan(const std::vector<model::System>& systems, std::vector<build::ImagePlan> images,
               engine::Rendered rendered, std::chrono::sys_seconds now) {
  Plan plan;
  plan.images = std::move(images);
  plan.rendered = std::move(rendered);
  plan.stage.name = "plan";
  for (const model::System& system : systems) {
    for (const model::Pipeline& pipeline : system.pipelines) {
      plan.pipelines.push_back({&system, &pipeline, model::waves(pipeline), next_runs(pipeline, now)});
      plan.stage.cases.push_back(case_of(plan.pipelines.back()));
    }
  }
  plan.stage.summary = fmt::format("{}, {}, {}", report::counted(plan.pipelines.size(), "pipeline"),
                                   report::counted(plan.images.size(), "image"),
                                   report::counted(plan.rendered.artifacts.size(), "object"));
  return plan;
}

}  // namespace liminal::plan
