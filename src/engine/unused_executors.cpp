#include "unused_executors.hpp"

#include <set>
#include <string_view>

#include "airflow_context.hpp"
#include "argo_executor.hpp"

namespace liminal::engine {

namespace {

// A task that could use any of them: it has every volume of the system.
model::Task any_task(const model::System& system) {
  model::Task task;
  task.name = "any";
  for (const model::Volume& volume : system.volumes) {
    model::Mount mount;
    mount.volume = volume.name;
    task.mounts.push_back(std::move(mount));
  }
  return task;
}

std::vector<Diagnostic> told_by(const model::System& system, const model::Executor& executor, const Target& target) {
  const model::Task task = any_task(system);
  if (target.engine == Engine::argo) return argo_executor(system, task, executor, target).findings;
  std::vector<Diagnostic> findings;
  const model::Pipeline pipeline;
  airflow::Context context(system, pipeline, target, findings);
  python::Arguments arguments;
  airflow::add_executor_arguments(context, arguments, task, executor);
  return findings;
}

}  // namespace

void check_unused_executors(const model::System& system, const Target& target, std::vector<Diagnostic>& findings) {
  std::set<std::string_view> used;
  for (const model::Pipeline& pipeline : system.pipelines) {
    for (const model::Task& task : pipeline.tasks) used.insert(task.executor);
  }
  for (const model::Executor& executor : system.executors) {
    if (executor.type != model::ExecutorType::kubernetes || used.contains(executor.name)) continue;
    for (Diagnostic& finding : told_by(system, executor, target)) {
      finding.severity = Severity::warning;
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace liminal::engine
