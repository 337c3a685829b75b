// The run stage of a job: here, or by the engine that the pipeline is deployed to.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"
#include "liminal/ci/job.hpp"

namespace liminal::ci {

namespace {

// The pipeline of a name, or of SYSTEM/PIPELINE.
Result<ChosenPipeline> find_pipeline(const std::vector<model::System>& systems, std::string_view name) {
  std::vector<ChosenPipeline> found;
  std::vector<std::string> known;
  for (const model::System& system : systems) {
    for (const model::Pipeline& pipeline : system.pipelines) {
      const std::string full = fmt::format("{}/{}", system.name, pipeline.name);
      if (full == name) return ChosenPipeline{&system, &pipeline};
      if (pipeline.name == name) found.push_back({&system, &pipeline});
      known.push_back(pipeline.name);
    }
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    std::string names;
    for (const ChosenPipeline& one : found)
      names += fmt::format("{}{}/{}", names.empty() ? "" : ", ", one.system->name, one.pipeline->name);
    return fail(ErrorKind::usage, fmt::format("several systems have a pipeline {}", name),
                fmt::format("say which: {}", names));
  }
  const auto meant = nearest(name, std::vector<std::string_view>(known.begin(), known.end()));
  return fail(ErrorKind::usage, fmt::format("there is no pipeline {}", name),
              known.empty() ? std::string("no file here declares a pipeline")
                            : fmt::format("{}pipelines here: {}",
                                          meant ? fmt::format("did you mean {}? ", *meant) : std::string(),
                                          fmt::join(known, ", ")));
}

}  // namespace

Result<std::map<std::string, build::BuiltImage>> Job::images_of(const model::System& system,
                                                                const model::Pipeline& pipeline) {
  std::map<std::string, build::BuiltImage> images;
  for (const build::BuiltImage& image : built_) {
    if (image.plan.system == &system) images.emplace(image.plan.image->name, image);
  }
  for (const model::Task& task : pipeline.tasks) {
    if (!model::runs_in_container(task.type) || task.image.empty() || images.contains(task.image)) continue;
    auto fetched = build::fetch(world_, task.image, request_.images);
    if (!fetched) {
      return tl::unexpected(
          std::move(fetched.error()).wrap(fmt::format("the image of task {} is not here", task.name)));
    }
    images.emplace(task.image, *std::move(fetched));
  }
  return images;
}

bool Job::run(std::string_view pipeline, const run::Options& options) {
  const auto found = find_pipeline(systems(), pipeline);
  if (!found) return give_up("run", found.error());
  const auto used = [&](const build::ImagePlan& image) {
    const auto& tasks = found->pipeline->tasks;
    return image.system == found->system && std::any_of(tasks.begin(), tasks.end(), [&](const model::Task& task) {
             return task.image == image.image->name;
           });
  };
  if (auto checked = run::check(world_, *found->system, *found->pipeline, options); !checked)
    return give_up("run", std::move(checked.error()));
  if (!build_images(used)) {
    skip("run", "its images could not be built");
    return false;
  }
  auto images = images_of(*found->system, *found->pipeline);
  if (!images) return give_up("run", std::move(images.error()));
  return end_run(*found,
                 run::run_pipeline(world_, *found->system, *found->pipeline, *images, request_.images, options));
}

bool Job::run_by_argo(std::string_view pipeline, kube::Client& client, const run::Request& request) {
  const auto found = find_pipeline(systems(), pipeline);
  if (!found) return give_up("run", found.error());
  return end_run(*found,
                 run::run_by_argo(world_, client, *found->system, *found->pipeline, request_.namespace_name, request));
}

bool Job::run_by_airflow(std::string_view pipeline, const airflow::Client& client, const std::filesystem::path& dags,
                         run::AirflowRequest request) {
  const auto found = find_pipeline(systems(), pipeline);
  if (!found) return give_up("run", found.error());
  if (!dags.empty())
    request.dag_file = dags / deploy::delivered_path(engine::dag_path(*found->system, *found->pipeline));
  return end_run(*found, run::run_by_airflow(world_, client, *found->system, *found->pipeline, request));
}

bool Job::end_run(const ChosenPipeline& chosen, Result<run::RunResult> result) {
  if (!result) return give_up("run", std::move(result.error()));
  if (!result->succeeded) {
    Error error;
    error.kind = world_.cancellation.requested() ? ErrorKind::interrupted : ErrorKind::failed;
    error.message = fmt::format("the run {} of pipeline {} did not succeed", result->run_id, chosen.pipeline->name);
    if (!result->reason.empty()) error.causes.push_back(result->reason);
    if (!result->resume_command.empty())
      error.advice = fmt::format("when it is mended, go on from there: {}", result->resume_command);
    report_.errors.push_back(std::move(error));
  }
  Json tasks = Json::array();
  for (const run::TaskResult& task : result->tasks) {
    tasks.push_back({{"task", task.task},
                     {"state", run::to_string(task.state)},
                     {"exit_status", task.exit_status},
                     {"attempts", task.attempts},
                     {"milliseconds", task.took.count()},
                     {"log", task.log.string()}});
  }
  report_.data["run"] = {
      {"id", result->run_id}, {"pipeline", chosen.pipeline->name}, {"folder", result->folder.string()},
      {"page", result->page}, {"runtime", result->runtime},        {"tasks", std::move(tasks)}};
  report::Stage stage = result->stage;
  run_result_ = std::move(*result);
  return finish(std::move(stage));
}

}  // namespace liminal::ci
