#include "liminal/build/image_layout.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/sha256.hpp"
#include "liminal/base/state_folder.hpp"

namespace liminal::build {

namespace {

constexpr std::uint64_t largest_document = 8ULL << 20U;  // of a manifest, configuration or index
constexpr const char* index_type = "application/vnd.oci.image.index.v1+json";
constexpr const char* name_annotation = "org.opencontainers.image.ref.name";

std::string text_member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> text_list(const Json& object, const char* key) {
  std::vector<std::string> list;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return list;
  for (const Json& item : *found) {
    if (item.is_string()) list.push_back(item.get<std::string>());
  }
  return list;
}

std::map<std::string, std::string> text_map(const Json& object, const char* key) {
  std::map<std::string, std::string> map;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object()) return map;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string()) map.emplace(name, value.get<std::string>());
  }
  return map;
}

Result<Json> parse_object(std::string_view text, std::string_view what) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return fail(ErrorKind::failed, fmt::format("{} is not a JSON object", what));
  return json;
}

Result<Json> parse_index(std::string_view text, const std::filesystem::path& file) {
  auto json = parse_object(text, file.string());
  if (!json) json.error().advice = "remove that file and build again: what is whole in the folder is found again";
  return json;
}

Descriptor to_descriptor(const Json& json) {
  Descriptor descriptor;
  if (!json.is_object()) return descriptor;
  descriptor.media_type = text_member(json, "mediaType");
  descriptor.digest = text_member(json, "digest");
  if (const auto size = json.find("size"); size != json.end() && size->is_number_unsigned()) {
    descriptor.size = size->get<std::uint64_t>();
  }
  descriptor.annotations = text_map(json, "annotations");
  if (const auto platform = json.find("platform"); platform != json.end() && platform->is_object()) {
    descriptor.platform = text_member(*platform, "os") + "/" + text_member(*platform, "architecture");
  }
  return descriptor;
}

}  // namespace

Result<ImageManifest> parse_manifest(std::string_view text) {
  const auto json = parse_object(text, "an image manifest");
  if (!json) return tl::unexpected(json.error());
  const auto config = json->find("config");
  const auto layers = json->find("layers");
  if (config == json->end() || layers == json->end() || !layers->is_array()) {
    return fail(ErrorKind::failed, "a manifest names no configuration and layers, so it is not an image's");
  }
  ImageManifest manifest;
  manifest.config = to_descriptor(*config);
  for (const Json& layer : *layers) manifest.layers.push_back(to_descriptor(layer));
  manifest.annotations = text_map(*json, "annotations");
  return manifest;
}

Result<ImageConfig> parse_config(std::string_view text) {
  auto json = parse_object(text, "an image configuration");
  if (!json) return tl::unexpected(json.error());
  ImageConfig config;
  config.os = text_member(*json, "os");
  config.architecture = text_member(*json, "architecture");
  if (const auto inner = json->find("config"); inner != json->end() && inner->is_object()) {
    config.environment = text_list(*inner, "Env");
    config.entrypoint = text_list(*inner, "Entrypoint");
    config.command = text_list(*inner, "Cmd");
    config.working_directory = text_member(*inner, "WorkingDir");
    config.user = text_member(*inner, "User");
    config.labels = text_map(*inner, "Labels");
  }
  if (const auto rootfs = json->find("rootfs"); rootfs != json->end() && rootfs->is_object()) {
    config.diff_ids = text_list(*rootfs, "diff_ids");
  }
  config.json = *std::move(json);
  return config;
}

Result<std::filesystem::path> ImageLayout::blob_path(const std::string& digest) const {
  constexpr std::string_view prefix = "sha256:";
  if (!digest.starts_with(prefix) || digest.size() != prefix.size() + 64 ||
      digest.find_first_not_of("0123456789abcdef", prefix.size()) != std::string::npos) {
    return fail(ErrorKind::failed, "an image names a blob by something that is not a sha256 digest");
  }
  return folder_ / "blobs" / "sha256" / digest.substr(prefix.size());
}

bool ImageLayout::has_blob(const std::string& digest) const {
  const auto path = blob_path(digest);
  return path && world_->files.info(*path).has_value();
}

bool ImageLayout::has_whole(const Descriptor& blob) const {
  const auto path = blob_path(blob.digest);
  if (!path) return false;
  const auto info = world_->files.info(*path);
  return info && (blob.size == 0 || info->size == blob.size);
}

bool ImageLayout::has_image(const std::string& manifest_digest) const {
  const auto image = manifest(manifest_digest);
  return image && has_image(*image);
}

bool ImageLayout::has_image(const ImageManifest& manifest) const {
  return has_whole(manifest.config) && std::all_of(manifest.layers.begin(), manifest.layers.end(),
                                                   [this](const Descriptor& layer) { return has_whole(layer); });
}

Result<std::string> ImageLayout::read_blob(const std::string& digest) const {
  const auto path = blob_path(digest);
  if (!path) return tl::unexpected(path.error());
  auto content = world_->files.read(*path, largest_document);
  if (content && "sha256:" + sha256_hex(*content) != digest) {
    return fail(ErrorKind::failed, fmt::format("{} does not have the content its name says", path->string()),
                "remove it and build again");
  }
  return content;
}

Result<ImageManifest> ImageLayout::manifest(const std::string& digest) const {
  const auto text = read_blob(digest);
  if (!text) return tl::unexpected(text.error());
  return parse_manifest(*text);
}

Result<ImageConfig> ImageLayout::config(const ImageManifest& manifest) const {
  const auto text = read_blob(manifest.config.digest);
  if (!text) return tl::unexpected(text.error());
  return parse_config(*text);
}

Result<std::vector<Descriptor>> ImageLayout::images() const {
  std::vector<Descriptor> images;
  if (!world_->files.info(folder_ / "index.json")) return images;
  const auto text = world_->files.read(folder_ / "index.json", largest_document);
  if (!text) return tl::unexpected(text.error());
  const auto index = parse_index(*text, folder_ / "index.json");
  if (!index) return tl::unexpected(index.error());
  if (const auto manifests = index->find("manifests"); manifests != index->end() && manifests->is_array()) {
    for (const Json& manifest : *manifests) images.push_back(to_descriptor(manifest));
  }
  return images;
}

// Blobs that a killed program left half written; one that is being written is younger.
void ImageLayout::remove_leftovers() {
  constexpr std::chrono::nanoseconds forgotten = std::chrono::hours(24);
  const auto blobs = folder_ / "blobs" / "sha256";
  const auto entries = world_->files.list(blobs);
  if (!entries) return;
  const std::chrono::nanoseconds now = world_->clock.now().time_since_epoch();
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.name.starts_with(".")) break;  // in byte order, digits and letters come later
    const auto info = world_->files.info(blobs / entry.name);
    if (info && now.count() - info->modified_ns > forgotten.count()) (void)world_->files.remove_all(blobs / entry.name);
  }
}

Status ImageLayout::prepare() {
  if (world_->files.info(folder_ / "oci-layout")) {
    remove_leftovers();
    return {};
  }
  if (auto made = world_->files.make_directories(folder_ / "blobs" / "sha256"); !made) return made;
  if (auto made = make_state_folder(world_->files, folder_.parent_path()); !made) return made;
  return world_->files.write(folder_ / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
}

Result<Descriptor> ImageLayout::write_blob(std::string media_type, std::string_view content) {
  Descriptor blob{std::move(media_type), "sha256:" + sha256_hex(content), content.size(), {}, {}};
  if (has_whole(blob) && read_blob(blob.digest)) return blob;
  if (auto written = world_->files.write(*blob_path(blob.digest), content); !written) {
    return tl::unexpected(written.error());
  }
  return blob;
}

Status ImageLayout::add_blob_file(const Descriptor& blob, const std::filesystem::path& file) const {
  const auto path = blob_path(blob.digest);
  if (!path) return tl::unexpected(path.error());
  if (has_whole(blob)) return {};
  std::error_code code;
  std::filesystem::create_directories(path->parent_path(), code);
  std::filesystem::remove(*path, code);  // what is damaged
  std::filesystem::create_hard_link(file, *path, code);
  if (!code || code == std::errc::file_exists) return {};
  const auto reader = FileReader::open(file);
  if (!reader) return tl::unexpected(reader.error());
  auto writer = FileWriter::create(path->parent_path());
  if (!writer) return tl::unexpected(writer.error());
  std::vector<char> buffer(1 << 20);
  for (std::uint64_t offset = 0;;) {
    if (world_->cancellation.requested()) return fail(ErrorKind::interrupted, "the build was interrupted");
    const auto count = reader->read_at(offset, buffer.data(), buffer.size());
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) break;
    offset += *count;
    if (auto done = writer->write({buffer.data(), *count}); !done) return done;
  }
  return writer->commit(*path);
}

Status ImageLayout::add_layers(const ImageManifest& manifest, const ImageLayout& from) const {
  for (const Descriptor& layer : manifest.layers) {
    const auto blob = from.blob_path(layer.digest);
    if (!blob) return tl::unexpected(blob.error());
    if (auto added = add_blob_file(layer, *blob); !added) return added;
  }
  return {};
}

void ImageLayout::remove_damaged(const ImageManifest& manifest) const {
  for (const Descriptor& layer : manifest.layers) {
    const auto path = blob_path(layer.digest);
    if (!path || !world_->files.info(*path)) continue;
    const auto hash = sha256_of_file(*path, world_->cancellation);
    if (hash && "sha256:" + *hash != layer.digest) (void)world_->files.remove_all(*path);
  }
}

Status ImageLayout::put_image(const Descriptor& manifest, const std::string& name) {
  const auto lock = FileLock::acquire(folder_ / ".lock", world_->cancellation);
  if (!lock) return tl::unexpected(lock.error());
  Json kept = Json::array();
  if (world_->files.info(folder_ / "index.json")) {
    const auto text = world_->files.read(folder_ / "index.json", largest_document);
    if (!text) return tl::unexpected(text.error());
    const auto index = parse_index(*text, folder_ / "index.json");
    if (!index) return tl::unexpected(index.error());
    for (const Json& entry : index->value("manifests", Json::array())) {
      if (to_descriptor(entry).annotations[name_annotation] != name) kept.push_back(entry);
    }
  }
  Json entry = {{"mediaType", manifest.media_type}, {"digest", manifest.digest}, {"size", manifest.size}};
  if (const auto slash = manifest.platform.find('/'); slash != std::string::npos) {
    entry["platform"] = {{"architecture", manifest.platform.substr(slash + 1)},
                         {"os", manifest.platform.substr(0, slash)}};
  }
  entry["annotations"] = Json::object();
  for (const auto& [key, value] : manifest.annotations) entry["annotations"][key] = value;
  entry["annotations"][name_annotation] = name;
  kept.push_back(std::move(entry));
  const Json index = {{"schemaVersion", 2}, {"mediaType", index_type}, {"manifests", std::move(kept)}};
  return world_->files.write(folder_ / "index.json", index.dump());
}

}  // namespace liminal::build
