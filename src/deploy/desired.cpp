#include "desired.hpp"

#include <algorithm>

#include "liminal/base/base64.hpp"

namespace liminal::deploy {

namespace {

constexpr std::uint64_t secret_limit = 1000U << 10;  // a Secret holds 1 MiB, its metadata included

// A ConfigMap that holds a DAG file is what Airflow schedules by.
bool is_dag(const Json& object) {
  const Json* data = find_member(object, {"data"});
  if (data == nullptr || !data->is_object() || text_at(object, {"kind"}) != "ConfigMap") return false;
  const auto members = data->items();
  return std::any_of(members.begin(), members.end(), [](const auto& item) { return item.key().ends_with(".py"); });
}

Wave wave_of(const Json& object) {
  const std::string kind = text_at(object, {"kind"});
  if (kind == "PersistentVolumeClaim") return Wave::storage;
  if (kind == "CronWorkflow" || is_dag(object)) return Wave::schedule;
  if (kind == "Secret" || kind == "ConfigMap" || kind == "PersistentVolume" || kind == "ServiceAccount")
    return Wave::configuration;
  return Wave::workload;
}

Result<Json> secret_object(const World& world, const model::Secret& secret, const model::System& system,
                           const std::string& namespace_name) {
  auto data = secret_data(world, secret.file, secret.name, secret.local_path_file);
  if (!data) return tl::unexpected(std::move(data.error()));
  const std::string name = engine::object_name(secret.name);
  return Json{{"apiVersion", "v1"},
              {"kind", "Secret"},
              {"metadata",
               {{"name", name},
                {"namespace", namespace_name},
                {"labels",
                 {{"app.kubernetes.io/managed-by", "liminal"},
                  {"app.kubernetes.io/name", name},
                  {"app.kubernetes.io/part-of", engine::kubernetes_name(system.name)}}}}},
              {"type", "Opaque"},
              {"data", *std::move(data)}};
}

DesiredObject desired_object(const DesiredSet& set, Json object, const model::System& system,
                             const document::Origin& origin) {
  DesiredObject desired;
  object["metadata"]["labels"][std::string(part_of_label)] = set.id();
  object["metadata"]["annotations"][std::string(set_annotation)] = set_name(set);
  desired.reference = kube::reference_of(object);
  desired.wave = wave_of(object);
  desired.object = std::move(object);
  desired.place = origin.location().value_or(Location{system.file, {}});
  desired.source = origin.source();
  return desired;
}

std::vector<ObjectImage> images_of(const engine::Artifact& artifact, const Location& otherwise) {
  std::vector<ObjectImage> images;
  for (const engine::PulledImage& image : artifact.images)
    images.push_back(
        {image.reference, image.built, image.origin.location().value_or(otherwise), image.origin.source()});
  return images;
}

// Those of the pods that a recorded object describes.
void collect_images(const Json& json, std::vector<ObjectImage>& images) {
  if (!json.is_structured()) return;
  const std::string image = text_at(json, {"image"});
  // Whether it was built here is not on record: then it went to the registry that it names, if it names one.
  if (!image.empty() && json.contains("name")) images.push_back({image, true, {}, nullptr});
  for (const Json& below : json) collect_images(below, images);
}

}  // namespace

Result<Json> secret_data(const World& world, const std::filesystem::path& file, const std::string& secret,
                         const std::string& shown) {
  const auto value = world.files.read(file, secret_limit);
  if (!value) {
    return fail(ErrorKind::usage,
                "the file of secret " + secret + ", " + shown + ", cannot be read: " + value.error().message,
                "put its value there; it is sent to the cluster and to nothing else");
  }
  return Json{{"credentials", base64_encode(*value)}};
}

DesiredObject recorded_object(const Json& object) {
  DesiredObject desired;
  desired.reference = kube::reference_of(object);
  desired.wave = wave_of(object);
  desired.object = object;
  if (const Json* spec = find_member(object, {"spec"})) collect_images(*spec, desired.images);
  return desired;
}

Result<std::vector<DesiredSet>> desired_sets(const World& world, const std::vector<model::System>& systems,
                                             const engine::Rendered& rendered, const std::string& namespace_name,
                                             const std::string& origin) {
  std::vector<DesiredSet> sets;
  for (const model::System& system : systems) {
    DesiredSet set{system.name, namespace_name, origin, {}};
    for (const model::Secret& secret : system.secrets) {
      auto object = secret_object(world, secret, system, namespace_name);
      if (!object) return tl::unexpected(std::move(object.error()));
      set.objects.push_back(desired_object(set, *std::move(object), system, model::locate(secret.value, "secret")));
      set.objects.back().value_file = secret.file;
    }
    for (const engine::Artifact& artifact : rendered.artifacts) {
      if (artifact.system != &system || artifact.kind != engine::Artifact::Kind::kubernetes_object) continue;
      set.objects.push_back(desired_object(set, artifact.object, system, artifact.origin));
      set.objects.back().images = images_of(artifact, set.objects.back().place);
      for (const engine::PullSecret& secret : artifact.pull_secrets)
        set.objects.back().pull_secrets.push_back(
            {kube::find_resource_type("v1", "Secret"), secret.namespace_name, secret.name});
    }
    std::stable_sort(set.objects.begin(), set.objects.end(),
                     [](const DesiredObject& a, const DesiredObject& b) { return a.wave < b.wave; });
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace liminal::deploy
