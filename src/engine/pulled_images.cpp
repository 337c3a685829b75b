#include "pulled_images.hpp"

#include <algorithm>

namespace liminal::engine {

namespace {

PulledImage pulled(const model::System& system, const std::string& name, const Target& target,
                   const model::Value* user) {
  const model::Image* image = system.find_image(name);
  return {image_text(system, name, target), image != nullptr && image->source.has_value(),
          model::locate(user, "image")};
}

// A node that is told not to pull has the image already.
bool never_pulls(const model::Executor* executor) {
  if (executor == nullptr) return false;
  return std::any_of(executor->arguments.begin(), executor->arguments.end(), [](const auto& argument) {
    return argument.first == "image_pull_policy" && argument.second->text() == "Never";
  });
}

}  // namespace

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
    const bool in_pod = model::runs_in_container(task.type) &&
                        (executor == nullptr || executor->type == model::ExecutorType::kubernetes);
    if (!in_pod || task.image.empty() || never_pulls(executor)) continue;
    PulledImage image = pulled(system, task.image, target, task.value);
    const auto same = [&](const PulledImage& other) { return other.reference == image.reference; };
    if (std::none_of(images.begin(), images.end(), same)) images.push_back(std::move(image));
  }
  return images;
}

}  // namespace liminal::engine
