#include "liminal/plan/text.hpp"

#include <fmt/format.h>

#include "liminal/base/utc.hpp"
#include "liminal/model/cron.hpp"
#include "liminal/report/counted.hpp"

namespace liminal::plan {

namespace {

using report::Style;
using report::Terminal;

const build::ImagePlan* image_of(const Plan& plan, const model::System& system, const std::string& name) {
  for (const build::ImagePlan& image : plan.images) {
    if (image.system == &system && image.image->name == name) return &image;
  }
  return nullptr;
}

std::string describe(const model::Task& task) {
  std::string text = task.name;
  if (task.copies > 1) text += fmt::format(" x{}", task.copies);
  return text;
}

void print_pipeline(Terminal& terminal, const Plan& plan, const PipelinePlan& planned) {
  const model::Pipeline& pipeline = *planned.pipeline;
  terminal.print("pipeline ");
  terminal.print(pipeline.name, Style::bold);
  terminal.line(fmt::format("  {}", planned.system->file), Style::dim);
  std::size_t number = 0;
  for (const auto& wave : planned.waves) {
    ++number;
    bool first = true;
    for (const std::size_t index : wave) {
      const model::Task& task = pipeline.tasks[index];
      terminal.print(first ? fmt::format("  {:>2}  ", number) : "      ", Style::dim);
      first = false;
      terminal.print(fmt::format("{:<24} {:<14}", describe(task), task.type_name));
      if (const build::ImagePlan* image = image_of(plan, *planned.system, task.image)) {
        terminal.print(fmt::format(" {}", task.image));
        terminal.print(image->up_to_date ? " unchanged" : fmt::format(" to build"),
                       image->up_to_date ? Style::dim : Style::added);
      } else if (!task.image.empty()) {
        terminal.print(fmt::format(" {}", task.image), Style::dim);
      }
      terminal.line();
    }
  }
  if (planned.next_runs.empty() && pipeline.schedule) {
    const bool ended = !model::is_preset_without_times(*pipeline.schedule);
    terminal.line(fmt::format("  {} {}", ended ? "no run is left of the schedule" : "schedule", *pipeline.schedule),
                  ended ? Style::warning : Style::dim);
  } else if (planned.next_runs.empty()) {
    terminal.line("  no schedule: started by hand", Style::dim);
  } else {
    std::string runs;
    for (const auto run : planned.next_runs)
      runs += fmt::format("{}{:%Y-%m-%d %H:%M}", runs.empty() ? "" : ", ", utc(run));
    terminal.line(fmt::format("  next runs {} UTC  ({})", runs, *pipeline.schedule), Style::dim);
  }
  terminal.line();
}

void print_images(Terminal& terminal, const Plan& plan) {
  if (plan.images.empty()) return;
  terminal.line("images", Style::bold);
  for (const build::ImagePlan& image : plan.images) {
    terminal.print(image.up_to_date ? "  = " : "  + ", image.up_to_date ? Style::dim : Style::added);
    terminal.print(image.name.text());
    terminal.print(fmt::format("  on {}", image.base), Style::dim);
    terminal.line(image.up_to_date ? "  unchanged" : fmt::format("  to build: {}", image.reason),
                  image.up_to_date ? Style::dim : Style::plain);
  }
  terminal.line();
}

void print_objects(Terminal& terminal, const Plan& plan) {
  if (plan.rendered.artifacts.empty()) return;
  terminal.line("cluster objects and files", Style::bold);
  for (const engine::Artifact& artifact : plan.rendered.artifacts) {
    terminal.print("  + ", Style::added);
    terminal.print(fmt::format("{} {}", artifact.api_kind, artifact.name));
    terminal.line(fmt::format("  {}", artifact.path), Style::dim);
  }
  for (const std::string& note : plan.rendered.notes) terminal.line(fmt::format("  note: {}", note), Style::note);
  terminal.line();
}

}  // namespace

void print(Terminal& terminal, const Plan& plan) {
  for (const PipelinePlan& planned : plan.pipelines) print_pipeline(terminal, plan, planned);
  print_images(terminal, plan);
  print_objects(terminal, plan);
  std::size_t to_build = 0;
  for (const build::ImagePlan& image : plan.images) to_build += image.up_to_date ? 0 : 1;
  terminal.line(fmt::format("Plan: {}, {} of {} to build, {}. Nothing was changed.",
                            report::counted(plan.pipelines.size(), "pipeline"), to_build,
                            report::counted(plan.images.size(), "image"),
                            report::counted(plan.rendered.artifacts.size(), "object")));
}

}  // namespace liminal::plan
