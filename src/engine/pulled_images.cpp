#include "pulled_images.hpp"

#include <algorithm>
#include <set>

#include "executor_keys.hpp"

namespace liminal::engine {

namespace {

PulledImage pulled(const model::System& system, const std::string& name, const Target& target,
                   const model::Value* user) {
  const model::Image* image = system.find_image(name);
  return {image_text(system, name, target), image != nullptr && image->source.has_value(),
          model::locate(user, "image")};
}

bool runs_in_pod(const model::Task& task, const model::Executor* executor) {
  return model::runs_in_container(task.type) &&
         (executor == nullptr || executor->type == model::ExecutorType::kubernetes);
}

const document::Value* argument(const model::Executor* executor, std::string_view key) {
  if (executor == nullptr) return nullptr;
  const auto found = std::find_if(executor->arguments.begin(), executor->arguments.end(),
                                  [&](const auto& each) { return each.first == key && !each.second->is_null(); });
  return found == executor->arguments.end() ? nullptr : found->second;
}

// A node that is told not to pull has the image already.
bool never_pulls(const model::Executor* executor) {
  const document::Value* policy = argument(executor, "image_pull_policy");
  return policy != nullptr && policy->text() == "Never";
}

}  // namespace

std::optional<std::string> pod_namespace(const model::Task& task, const model::Executor* executor,
                                         const Target& target) {
  if (!runs_in_pod(task, executor)) return std::nullopt;
  const document::Value* elsewhere = argument(executor, "namespace");
  std::string where = elsewhere == nullptr ? target.namespace_name : elsewhere->text();
  return document::holds_template(where) ? std::nullopt : std::optional(std::move(where));
}

std::string image_text(const model::System& system, const std::string& name, const Target& target) {
  const model::Image* image = system.find_image(name);
  return image != nullptr && target.image_reference ? target.image_reference(system, *image) : name;
}

std::vector<PulledImage> pulled_images(const model::System& system, const model::Service& service,
                                       const Target& target) {
  return {pulled(system, service.image, target, service.value)};
}

std::vector<PulledImage> pulled_images(const model::System& system, const model::Pipeline& pipeline,
                                       const Target& target) {
  std::vector<PulledImage> images;
  for (const model::Task& task : pipeline.tasks) {
    const model::Executor* executor = system.find_executor(task.executor);
    if (!runs_in_pod(task, executor) || task.image.empty() || never_pulls(executor)) continue;
    PulledImage image = pulled(system, task.image, target, task.value);
    const auto same = [&](const PulledImage& other) { return other.reference == image.reference; };
    if (std::none_of(images.begin(), images.end(), same)) images.push_back(std::move(image));
  }
  return images;
}

std::vector<PullSecret> pull_secrets(const model::System& system, const model::Pipeline& pipeline,
                                     const Target& target) {
  std::set<PullSecret> secrets;
  for (const model::Task& task : pipeline.tasks) {
    const model::Executor* executor = system.find_executor(task.executor);
    const auto where = pod_namespace(task, executor, target);
    if (!where) continue;
    std::vector<ValueFault> faults;  // told where the DAG is written
    const document::Value* own = argument(executor, "image_pull_secrets");
    Json named = Json::array();
    if (own != nullptr) {
      named = executor_pull_secrets(*own, faults);
    } else if (!target.image_pull_secret.empty()) {
      named.push_back({{"name", target.image_pull_secret}});
    }
    for (const Json& one : named) {
      const auto name = one.is_object() ? one.find("name") : one.end();
      if (name != one.end() && name->is_string() && !document::holds_template(name->get_ref<const std::string&>()))
        secrets.insert({*where, name->get<std::string>()});
    }
  }
  return {secrets.begin(), secrets.end()};
}

}  // namespace liminal::engine
