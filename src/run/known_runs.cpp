// Which runs there are on a target.
#include <map>
#include <utility>

#include "liminal/engine/argo_submission.hpp"
#include "liminal/run/on_target.hpp"

#include "argo_progress.hpp"
#include "argo_workflows.hpp"

namespace liminal::run {

namespace {

// Both engines' words for a state in the words of `run`.
std::string state_word(const std::string& state) {
  if (state == "Succeeded" || state == "success") return "succeeded";
  if (state == "Failed" || state == "Error" || state == "failed") return "failed";
  return state == "Running" || state == "running" ? "running" : "waiting";
}

}  // namespace

Result<std::vector<KnownRun>> runs_of_argo(kube::Client& client, const std::vector<model::System>& systems,
                                           const std::string& namespace_name, std::size_t most) {
  using Deployed = std::pair<const model::System*, const model::Pipeline*>;
  std::map<std::string, Deployed> pipelines;  // by the template's name
  std::vector<std::string> templates;
  for (const model::System& system : systems) {
    for (const model::Pipeline& pipeline : system.pipelines) {
      templates.push_back(engine::argo_name(pipeline));
      pipelines[templates.back()] = {&system, &pipeline};
    }
  }
  if (templates.empty()) return std::vector<KnownRun>();
  const auto workflows = list_workflows(client, namespace_name, templates);
  if (!workflows) return tl::unexpected(workflows.error());
  std::map<std::string, std::size_t> counts;
  std::vector<kube::Call> shown;
  for (const Json& workflow : *workflows) {
    const auto found = pipelines.find(template_of(workflow));
    if (found == pipelines.end() || is_of_another(workflow, *found->second.first)) continue;
    if (++counts[found->first] > most) continue;
    shown.push_back({kube::Verb::get, {argo_type("Workflow"), namespace_name, name_of(workflow)}, {}, {}, {}, false});
  }
  std::vector<KnownRun> runs;
  auto answers = client.call_all(shown);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) return tl::unexpected(std::move(answers[i].error()));
    if (answers[i]->not_found()) continue;  // deleted since it was listed
    if (!answers[i]->ok()) return tl::unexpected(kube::refusal("get", shown[i].target, *answers[i]));
    const Json& workflow = answers[i]->body;
    runs.push_back({pipelines[template_of(workflow)].second->name, name_of(workflow), state_word(phase_of(workflow)),
                    text_of(workflow, Json::json_pointer("/status/startedAt")),
                    text_of(workflow, Json::json_pointer("/status/finishedAt"))});
  }
  return runs;
}

Result<std::vector<KnownRun>> runs_of_airflow(const airflow::Client& client, const std::vector<model::System>& systems,
                                              std::size_t most) {
  std::vector<KnownRun> known;
  for (const model::System& system : systems) {
    for (const model::Pipeline& pipeline : system.pipelines) {
      const auto dag = client.find_dag(pipeline.name);
      if (!dag) return tl::unexpected(dag.error());
      if (!*dag) continue;
      const auto runs = client.runs(pipeline.name, static_cast<unsigned>(most));
      if (!runs) return tl::unexpected(runs.error());
      for (const airflow::Run& run : *runs)
        known.push_back({pipeline.name, run.id, state_word(run.state), run.started, run.ended});
    }
  }
  return known;
}

}  // namespace liminal::run
