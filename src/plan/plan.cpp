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

using Moment = std::chrono::sys_seconds;

// The last moment of a schedule before one of its own.
std::optional<Moment> moment_before(const model::Cron& cron, Moment moment) {
  constexpr std::chrono::days longest{40 * 366};  // 29 February, on a certain day of the week
  for (std::chrono::seconds back = std::chrono::minutes{1}; back < longest; back *= 2) {
    auto found = cron.next(moment - back);
    if (!found || *found >= moment) continue;
    for (auto next = cron.next(*found); next && *next < moment; next = cron.next(*found)) found = next;
    return found;
  }
  return std::nullopt;
}

// When Airflow starts runs: each at the end of a time that begins at a moment of the schedule, the first one not before
// the start, the last one not behind the end. Argo knows neither.
std::vector<Moment> next_runs(const model::Pipeline& pipeline, engine::Engine engine, Moment now) {
  std::vector<Moment> runs;
  if (!pipeline.schedule) return runs;
  const auto cron = model::Cron::parse(*pipeline.schedule);
  if (!cron) return runs;
  const bool airflow = engine == engine::Engine::airflow;
  auto begin = now;
  if (airflow && pipeline.start_date) {
    const auto first = cron->next(model::start_of(*pipeline.start_date) - std::chrono::seconds{1});
    if (!first) return runs;
    begin = std::max(begin, *first);
  }
  const auto end = airflow ? pipeline.end_date : std::nullopt;
  auto next = cron->next(begin);
  auto since = next && end ? moment_before(*cron, *next) : std::nullopt;
  while (runs.size() < runs_shown && next && *next < end_of_dates) {
    if (since && *since > *end) break;
    runs.push_back(*next);
    if (since) since = next;
    next = cron->next(*next);
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
               engine::Rendered rendered, engine::Engine engine, std::chrono::sys_seconds now) {
  Plan plan;
  plan.images = std::move(images);
  plan.rendered = std::move(rendered);
  plan.stage.name = "plan";
  for (const model::System& system : systems) {
    for (const model::Pipeline& pipeline : system.pipelines) {
      plan.pipelines.push_back({&system, &pipeline, model::waves(pipeline), next_runs(pipeline, engine, now)});
      plan.stage.cases.push_back(case_of(plan.pipelines.back()));
    }
  }
  plan.stage.summary = fmt::format("{}, {}, {}", report::counted(plan.pipelines.size(), "pipeline"),
                                   report::counted(plan.images.size(), "image"),
                                   report::counted(plan.rendered.artifacts.size(), "object"));
  return plan;
}

}  // namespace liminal::plan
