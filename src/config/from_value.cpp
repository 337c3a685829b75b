#include "from_value.hpp"

namespace liminal::config {

namespace {

namespace fs = std::filesystem;
using document::Value;

fs::path below(const fs::path& folder, const std::string& path) {
  return (folder / path).lexically_normal();
}

std::string text_or(const Value& object, std::string_view key, std::string otherwise) {
  std::string text = text_of(object, key);
  return text.empty() ? std::move(otherwise) : text;
}

model::Volume volume_from(const Value& value, const fs::path& folder) {
  model::Volume volume;
  volume.value = &value;
  volume.name = text_of(value, "volume");
  if (const Value* local = value.find("local"); local != nullptr && local->is_mapping()) {
    volume.local_path = text_or(*local, "path", ".");
    volume.local_folder = below(folder, *volume.local_path);
  }
  volume.claim_name = text_or(value, "claim_name", volume.name + "-pvc");
  volume.capacity = text_or(value, "capacity", volume.capacity);
  volume.access_mode = text_or(value, "access_mode", volume.access_mode);
  volume.storage_class = text_or(value, "storage_class", volume.storage_class);
  volume.namespace_name = text_of(value, "namespace");
  volume.node = text_of(value, "node");
  return volume;
}

model::Secret secret_from(const Value& value, const fs::path& folder) {
  model::Secret secret;
  secret.value = &value;
  secret.name = text_of(value, "secret");
  secret.local_path_file = text_or(value, "local_path_file", "credentials-" + secret.name + ".txt");
  secret.file = below(folder, secret.local_path_file);
  return secret;
}

// The built-in type that a declared one is like.
std::string built_as(const TypeTable::ByName& types, const std::string& name) {
  const DeclaredType* declared = TypeTable::find(types, name);
  return declared == nullptr ? name : declared->like;
}

model::ImageType image_type(std::string_view name) {
  if (name == "python") return model::ImageType::python;
  if (name == "python_server") return model::ImageType::python_server;
  return name == "spark" ? model::ImageType::spark : model::ImageType::other;
}

model::ExecutorType executor_type(std::string_view name) {
  if (name == "kubernetes") return model::ExecutorType::kubernetes;
  if (name == "emr") return model::ExecutorType::emr;
  return name == "airflow" ? model::ExecutorType::airflow : model::ExecutorType::other;
}

model::Image image_from(const Value& value, const fs::path& folder, const TypeTable& types) {
  model::Image image;
  image.value = &value;
  image.name = text_of(value, "image");
  image.type_name = text_of(value, "type");
  image.type = image_type(built_as(types.images, image.type_name));
  if (const Value* source = value.find("source"); source != nullptr && !source->is_null()) {
    image.source = source->text();
    image.source_folder = below(folder, *image.source);
  }
  // As written: unquoted 3.10 is the number 3.1 to YAML, but no version of Python is.
  if (const Value* version = value.find("python_version")) image.python_version = version->scalar;
  if (const Value* conf = value.find("pip_conf"); conf != nullptr && !conf->is_null()) {
    image.pip_conf = conf->text();
    image.pip_conf_file = below(folder, *image.pip_conf);
  }
  image.no_cache = flag_of(value, "no_cache", false);
  if (const Value* base = value.find("base"); base != nullptr && !base->is_null()) image.base = base->text();
  image.endpoints = endpoints_from(value);
  return image;
}

model::Executor executor_from(const Value& value, const TypeTable& types) {
  model::Executor executor;
  executor.value = &value;
  executor.name = text_of(value, "executor");
  executor.type_name = text_of(value, "type");
  executor.type = executor_type(built_as(types.executors, executor.type_name));
  for (const Value::Member& member : value.members) {
    if (member.key != "executor" && member.key != "type") executor.arguments.emplace_back(member.key, &member.value);
  }
  return executor;
}

model::Service service_from(const Value& value) {
  constexpr std::int64_t most_replicas = 10'000;
  constexpr std::int64_t highest_port = 65535;
  model::Service service;
  service.value = &value;
  service.name = text_of(value, "service");
  service.image = text_of(value, "image");
  service.description = text_of(value, "description");
  service.endpoints = endpoints_from(value);
  service.replicas = static_cast<unsigned>(whole_number(value.find("replicas"), 0, most_replicas).value_or(1));
  service.port = static_cast<std::uint16_t>(whole_number(value.find("port"), 1, highest_port).value_or(80));
  service.environment = environment_from(value);
  service.mounts = mounts_from(value);
  service.secrets = secret_mounts_from(value);
  return service;
}

template <class Object, class Make>
std::vector<Object> objects_from(const Value& root, std::string_view key, const Make& make) {
  std::vector<Object> objects;
  const Value* list = root.find(key);
  if (list == nullptr) return objects;
  for (const Value& item : list->items) {
    if (item.is_mapping()) objects.push_back(make(item));
  }
  return objects;
}

// A service's endpoints are what its image's server answers, where the image does not say.
void give_endpoints_to_images(model::System& system) {
  for (const model::Service& service : system.services) {
    if (service.endpoints.empty()) continue;
    for (model::Image& image : system.images) {
      const bool its = image.name == service.image && image.type == model::ImageType::python_server;
      if (its && image.endpoints.empty()) image.endpoints = service.endpoints;
    }
  }
}

}  // namespace

void fill_model(model::System& system, const std::vector<TaskGroups>& groups, const TypeTable& types) {
  const Value& root = *system.resolved;
  const fs::path& folder = system.folder;
  system.owner = text_of(root, "owner");
  system.volumes =
      objects_from<model::Volume>(root, "volumes", [&](const Value& value) { return volume_from(value, folder); });
  system.secrets =
      objects_from<model::Secret>(root, "secrets", [&](const Value& value) { return secret_from(value, folder); });
  system.images =
      objects_from<model::Image>(root, "images", [&](const Value& value) { return image_from(value, folder, types); });
  system.executors =
      objects_from<model::Executor>(root, "executors", [&](const Value& value) { return executor_from(value, types); });
  system.services = objects_from<model::Service>(root, "services", service_from);
  give_endpoints_to_images(system);
  const Value* pipelines = root.find("pipelines");
  for (std::size_t i = 0; pipelines != nullptr && i < pipelines->items.size(); ++i) {
    if (pipelines->items[i].is_mapping())
      system.pipelines.push_back(pipeline_from(pipelines->items[i], root, groups[i], types));
  }
}

}  // namespace liminal::config
