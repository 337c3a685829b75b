#include "liminal/model/model.hpp"

#include <algorithm>
#include <map>

namespace liminal::model {

namespace {

template <class Objects>
auto find_by_name(const Objects& objects, std::string_view name) -> decltype(objects.data()) {
  const auto found =
      std::find_if(objects.begin(), objects.end(), [&](const auto& object) { return object.name == name; });
  return found == objects.end() ? nullptr : &*found;
}

}  // namespace

document::Origin locate(const Value* object, std::string_view field) {
  if (object == nullptr) return {};
  const Value* value = object->find(field);
  return value != nullptr && value->origin.node != nullptr ? value->origin : object->origin;
}

const Task* Pipeline::find_task(std::string_view wanted) const {
  return find_by_name(tasks, wanted);
}
const Volume* System::find_volume(std::string_view wanted) const {
  return find_by_name(volumes, wanted);
}
const Secret* System::find_secret(std::string_view wanted) const {
  return find_by_name(secrets, wanted);
}
const Image* System::find_image(std::string_view wanted) const {
  return find_by_name(images, wanted);
}
const Executor* System::find_executor(std::string_view wanted) const {
  return find_by_name(executors, wanted);
}
const Pipeline* System::find_pipeline(std::string_view wanted) const {
  return find_by_name(pipelines, wanted);
}

bool runs_in_container(TaskType type) {
  return type == TaskType::python || type == TaskType::spark;
}

std::vector<std::string> container_command(const Task& task) {
  if (task.type != TaskType::spark) return {"/bin/sh", "-c", task.command.value_or("")};
  std::vector<std::string> command{"spark-submit"};
  if (!task.master.empty()) command.insert(command.end(), {"--master", task.master});
  if (!task.main_class.empty()) command.insert(command.end(), {"--class", task.main_class});
  for (const auto& [key, value] : task.spark_conf) command.insert(command.end(), {"--conf", key + "=" + value});
  command.push_back(task.application_source);
  command.insert(command.end(), task.application_arguments.begin(), task.application_arguments.end());
  return command;
}

std::vector<std::vector<std::size_t>> waves(const Pipeline& pipeline) {
  std::map<std::string_view, std::size_t> wave_of;  // of the tasks placed so far
  std::vector<std::vector<std::size_t>> result;
  std::vector<bool> placed(pipeline.tasks.size(), false);
  for (;;) {
    std::vector<std::size_t> wave;
    for (std::size_t i = 0; i < pipeline.tasks.size(); ++i) {
      const auto& before = pipeline.tasks[i].depends_on;
      const bool ready =
          std::all_of(before.begin(), before.end(), [&](const std::string& name) { return wave_of.contains(name); });
      if (!placed[i] && ready) wave.push_back(i);
    }
    if (wave.empty()) return result;
    for (const std::size_t i : wave) {
      placed[i] = true;
      wave_of.emplace(pipeline.tasks[i].name, result.size());
    }
    result.push_back(std::move(wave));
  }
}

}  // namespace liminal::model
