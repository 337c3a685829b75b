#include "liminal/model/model.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

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

document::Origin locate_key(const Value* object, std::string_view field) {
  if (object == nullptr) return {};
  for (const Value::Member& member : object->members) {
    if (member.key == field && member.key_origin.node != nullptr) return member.key_origin;
  }
  return locate(object, field);
}

const Value* mount_place(const Value& mount) {
  const Value* place = mount.find("mountPath");
  return place != nullptr ? place : mount.find("mount_path");
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

std::vector<CommandWord> ContainerCommand::words() const {
  std::vector<CommandWord> all = program;
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

ContainerCommand container_command(const Task& task) {
  if (!task.words.empty()) return {{task.words.front()}, {task.words.begin() + 1, task.words.end()}};
  const bool spark = task.type == TaskType::spark;
  const document::Origin origin = locate(task.value, spark ? "application_arguments" : "cmd");
  if (!spark) return {{{"/bin/sh", origin}, {"-c", origin}}, {{task.command.value_or(""), origin}}};
  ContainerCommand command{{{"spark-submit", origin}}, {}};
  const auto add = [&](std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) command.arguments.push_back({std::string(word), origin});
  };
  if (!task.master.empty()) add({"--master", task.master});
  if (!task.main_class.empty()) add({"--class", task.main_class});
  for (const auto& [key, value] : task.spark_conf) add({"--conf", std::string(key).append("=").append(value)});
  add({task.application_source});
  for (const std::string& argument : task.application_arguments) add({argument});
  return command;
}

std::vector<std::vector<std::size_t>> waves(const Pipeline& pipeline) {
  const std::size_t count = pipeline.tasks.size();
  std::unordered_map<std::string_view, std::vector<std::size_t>> followers;  // of a task, by its name
  std::vector<std::size_t> missing(count);                                   // how many a task still waits for
  std::vector<std::size_t> wave;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& before = pipeline.tasks[i].depends_on;
    const std::set<std::string_view> distinct(before.begin(), before.end());
    missing[i] = distinct.size();
    for (const std::string_view name : distinct) followers[name].push_back(i);
    if (distinct.empty()) wave.push_back(i);
  }
  std::vector<std::vector<std::size_t>> result;
  while (!wave.empty()) {
    std::vector<std::size_t> next;
    for (const std::size_t i : wave) {
      const auto waiting = followers.extract(pipeline.tasks[i].name);  // the first task of a name is the one waited for
      if (waiting.empty()) continue;
      for (const std::size_t follower : waiting.mapped()) {
        if (--missing[follower] == 0) next.push_back(follower);
      }
    }
    std::sort(next.begin(), next.end());
    result.push_back(std::exchange(wave, std::move(next)));
  }
  return result;
}

}  // namespace liminal::model
