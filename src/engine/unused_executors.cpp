#include "unused_executors.hpp"

#include <set>
#include <string_view>

#include "airflow_context.hpp"

namespace liminal::engine {

namespace {

// What is wrong for any task and any engine: an argument that there is not, a value that Kubernetes refuses. Which
// volumes its pods have, and whether an engine has something for a key, the tasks decide.
std::vector<Diagnostic> told_by(const model::System& system, const model::Executor& executor, const Target& target) {
  const model::Task nobody;
  const model::Pipeline nothing;
  std::vector<Diagnostic> findings;
  airflow::Context context(system, nothing, target, findings);
  python::Arguments arguments;
  airflow::add_executor_arguments(context, arguments, nobody, executor);
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
      if (finding.severity != Severity::error) continue;
      finding.severity = Severity::warning;
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace liminal::engine
