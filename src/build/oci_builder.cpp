#include "oci_builder.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "liminal/base/sha256.hpp"
#include "liminal/base/untrusted_json.hpp"
#include "liminal/build/image_layout.hpp"

#include "base_image.hpp"
#include "base_index.hpp"
#include "layer_writer.hpp"
#include "requirements.hpp"
#include "requirements_layer.hpp"

namespace liminal::build {

namespace {

constexpr const char* manifest_type = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* config_type = "application/vnd.oci.image.config.v1+json";
constexpr const char* key_annotation = "liminal.content-key";
constexpr const char* name_annotation = "org.opencontainers.image.ref.name";
constexpr const char* fixed_time = "1980-01-02T00:00:00Z";  // the earliest that zip and tar both know

// A layer with what the image's history says of it.
struct NamedLayer {
  Layer layer;
  std::string made_by;
};

// How many layers a base's history tells of; empty where it has not the form of one.
std::optional<std::size_t> layers_told(const Json& history) {
  if (!history.is_array()) return std::nullopt;
  std::size_t layers = 0;
  for (const Json& entry : history) {
    if (!entry.is_object()) return std::nullopt;
    const auto empty = entry.find("empty_layer");
    if (empty != entry.end() && !empty->is_boolean()) return std::nullopt;
    if (empty == entry.end() || !empty->get<bool>()) ++layers;
  }
  return layers;
}

class OciBuilder {
 public:
  OciBuilder(const World& world, const ImagePlan& plan, const Content& content, const Options& options)
      : world_(world),
        plan_(plan),
        content_(content),
        options_(options),
        item_(fmt::format("image {}", plan.image->name)),
        layout_(world, options.output) {}

  Result<BuiltImage> build() {
    if (auto prepared = layout_.prepare(); !prepared) return tl::unexpected(std::move(prepared.error()));
    world_.progress.step(item_, fmt::format("base {}", content_.staged.base));
    auto base = find_base(world_, content_.staged.base, options_, content_.key.base);
    if (!base) return tl::unexpected(std::move(base.error()));
    base_ = *std::move(base);
    if (auto taken = take_base(); !taken) return tl::unexpected(std::move(taken.error()));
    for (const auto step : {&OciBuilder::add_requirements, &OciBuilder::add_server, &OciBuilder::add_source}) {
      if (world_.cancellation.requested()) return fail(ErrorKind::interrupted, "the build was interrupted");
      if (auto added = (this->*step)(); !added) return tl::unexpected(std::move(added.error()));
    }
    return write_image();
  }

 private:
  // The base's blobs, in our layout: an image is whole where it lies.
  Status take_base() {
    const ImageLayout from(world_, base_.layout);
    auto manifest = from.manifest(base_.digest);
    if (!manifest) return tl::unexpected(std::move(manifest.error()));
    base_manifest_ = *std::move(manifest);
    if (auto read = read_base_config(from); !read) return read;
    if (!from.has_image(base_manifest_)) {
      return fail(ErrorKind::failed,
                  fmt::format("the base image {} in {} is damaged", content_.staged.base, from.folder().string()),
                  "put it there anew");
    }
    if (options_.no_cache) layout_.remove_damaged(base_manifest_);
    if (auto added = layout_.add_layers(base_manifest_, from); !added) return added;
    for (Descriptor& layer : base_manifest_.layers) layer.media_type = oci_type_of(layer.media_type);
    return {};
  }

  Status read_base_config(const ImageLayout& from) {
    const auto text = from.read_blob(base_manifest_.config.digest);
    if (!text) return tl::unexpected(text.error());
    if (!is_nested_sanely(*text)) return odd_base("nests too deep to be read");
    auto config = parse_config(*text);
    if (!config) return tl::unexpected(std::move(config.error()));
    base_config_ = *std::move(config);
    return check_environment();
  }

  // Variables are added to the base's own.
  Status check_environment() const {
    const auto inner = base_config_.json.find("config");
    if (inner == base_config_.json.end() || !inner->is_object()) return {};
    const auto variables = inner->find("Env");
    if (variables == inner->end() || variables->is_null() || variables->is_array()) return {};
    return odd_base("has an `Env` that is no list");
  }

  [[nodiscard]] tl::unexpected<Error> odd_base(std::string_view what) const {
    return fail(ErrorKind::failed, fmt::format("the configuration of the base image {} {}", content_.staged.base, what),
                "use another base image, or build that one anew");
  }

  // Docker's own media types have the same content as the OCI ones.
  static std::string oci_type_of(const std::string& type) {
    if (type == "application/vnd.docker.image.rootfs.diff.tar.gzip")
      return "application/vnd.oci.image.layer.v1.tar+gzip";
    if (type == "application/vnd.docker.image.rootfs.diff.tar") return "application/vnd.oci.image.layer.v1.tar";
    return type;
  }

  Status add_requirements() {
    const StagedImage& staged = content_.staged;
    if (staged.requirements.empty()) return {};
    const ImageLayout base_layout(world_, base_.layout);
    auto index = BaseIndex::of(world_, base_layout, base_.digest, base_manifest_, options_.cache / "base-index");
    if (!index) return tl::unexpected(std::move(index.error()));
    auto python = find_python(*index, base_config_, staged.base);
    if (!python) return tl::unexpected(std::move(python.error()));
    // Said when there is something to do for them.
    const auto tell = [this] { world_.progress.step(item_, "requirements"); };
    Options options = options_;
    options.no_cache = options.no_cache || staged.no_cache;
    auto wheels = download_wheels(
        world_, {content_.source_folder, staged.requirements, staged.pip_conf}, *python, options,
        [&](std::string_view line) { world_.progress.output(item_, line); }, tell);
    if (!wheels) return tl::unexpected(std::move(wheels.error()));
    if (wheels->empty()) return {};
    std::string key = fmt::format("requirements\n{}\n{}\n", base_.digest, content_.key.builder);
    for (const Wheel& wheel : *wheels) key += fmt::format("{} {}\n", wheel.sha256, wheel.name);
    return add_layer(key, fmt::format("liminal: {}", staged.requirements), [&]() -> Result<Layer> {
      tell();
      auto layer = write_requirements_layer(world_, layout_, *index, *python, *wheels);
      if (!layer) return tl::unexpected(std::move(layer.error()));
      return **std::move(layer);
    });
  }

  Status add_server() {
    const StagedImage& staged = content_.staged;
    if (staged.server.empty()) return {};
    const std::string key = fmt::format("server\n{}\n{}\n", content_.key.configuration, content_.key.builder);
    return add_layer(key, "liminal: server", [&]() -> Result<Layer> {
      auto writer = LayerWriter::create(world_, layout_);
      if (!writer) return tl::unexpected(std::move(writer.error()));
      if (auto made = (*writer)->directory("opt/liminal"); !made) return tl::unexpected(std::move(made.error()));
      for (const StagedFile& file : staged.server) {
        auto written = (*writer)->file("opt/liminal/" + file.path, file.mode, file.content.value_or(""));
        if (!written) return tl::unexpected(std::move(written.error()));
      }
      return (*writer)->finish();
    });
  }

  Status add_source() {
    const std::string key = fmt::format("source\n{}\n{}\n{}\n", content_.staged.working_directory, content_.source.hash,
                                        content_.key.builder);
    return add_layer(key, "liminal: source", [&] { return write_source(); });
  }

  Result<Layer> write_source() {
    world_.progress.step(item_, "source");
    auto writer = LayerWriter::create(world_, layout_);
    if (!writer) return tl::unexpected(std::move(writer.error()));
    const std::string folder = content_.staged.working_directory.substr(1);
    Status done = (*writer)->directory(folder);
    for (const SourceFile& file : content_.source.files) {
      if (!done || world_.cancellation.requested()) break;
      const std::string path = folder + "/" + file.path;
      if (file.kind == SourceFile::Kind::directory) done = (*writer)->directory(path, file.mode);
      if (file.kind == SourceFile::Kind::link) done = (*writer)->link(path, file.content);
      if (file.kind == SourceFile::Kind::file)
        done = (*writer)->file_from(path, file.mode, file.size, content_.source_folder / file.path, file.content);
    }
    if (!done) return tl::unexpected(std::move(done.error()));
    if (world_.cancellation.requested()) return fail(ErrorKind::interrupted, "the build was interrupted");
    return (*writer)->finish();
  }

  // A layer that was made of the same things before, and is there still, is not made again.
  Status add_layer(const std::string& key, std::string made_by, const std::function<Result<Layer>()>& make) {
    const auto record = options_.cache / "layers" / sha256_hex(key);
    std::optional<Layer> kept = options_.no_cache ? std::nullopt : read_layer(record);
    if (!kept) {
      auto made = make();
      if (!made) return tl::unexpected(std::move(made.error()));
      kept = *std::move(made);
      const Json json = {{"digest", kept->blob.digest}, {"size", kept->blob.size}, {"diff_id", kept->diff_id}};
      if (auto written = world_.files.write(record, json.dump()); !written) return written;
    }
    layers_.push_back({*std::move(kept), std::move(made_by)});
    return {};
  }

  std::optional<Layer> read_layer(const std::filesystem::path& record) const {
    if (!world_.files.info(record)) return std::nullopt;
    const auto text = world_.files.read(record);
    const Json json = text ? Json::parse(*text, nullptr, false) : Json();
    if (!json.is_object()) return std::nullopt;
    Layer layer;
    layer.blob.media_type = "application/vnd.oci.image.layer.v1.tar+gzip";
    layer.blob.digest = text_at(json, "digest");
    if (const auto size = json.find("size"); size != json.end() && size->is_number_unsigned()) layer.blob.size = *size;
    layer.diff_id = text_at(json, "diff_id");
    if (layer.diff_id.empty() || !layout_.has_whole(layer.blob)) return std::nullopt;
    return layer;
  }

  Json make_config() const {
    Json config = base_config_.json;
    for (const char* leftover : {"container", "container_config", "docker_version", "id", "parent"})
      config.erase(leftover);
    config["created"] = fixed_time;
    Json& inner = config["config"];
    if (!inner.is_object()) inner = Json::object();
    const StagedImage& staged = content_.staged;
    inner["WorkingDir"] = staged.working_directory;
    if (!staged.command.empty()) {
      inner["Cmd"] = staged.command;
      inner.erase("Entrypoint");
    }
    if (staged.as_root) inner["User"] = "0";
    Json environment = inner.value("Env", Json::array());
    for (const std::string& variable : staged.environment) environment.push_back(variable);
    if (!environment.empty()) inner["Env"] = std::move(environment);

    Json history = config.value("history", Json::array());
    // A history tells of every layer or is left out.
    const bool whole = layers_told(history) == base_manifest_.layers.size();
    if (!whole) history = Json::array();
    config["rootfs"] = {{"type", "layers"}, {"diff_ids", base_config_.diff_ids}};
    for (const NamedLayer& layer : layers_) {
      config["rootfs"]["diff_ids"].push_back(layer.layer.diff_id);
      history.push_back({{"created", fixed_time}, {"created_by", layer.made_by}});
    }
    config.erase("history");
    if (whole) config["history"] = std::move(history);
    return config;
  }

  static Json entry_of(const Descriptor& blob) {
    return {{"mediaType", blob.media_type}, {"digest", blob.digest}, {"size", blob.size}};
  }

  Result<BuiltImage> write_image() {
    const auto config = layout_.write_blob(config_type, make_config().dump());
    if (!config) return tl::unexpected(config.error());
    BuiltImage built{plan_, {}, true, 0};
    Json layers = Json::array();
    for (const Descriptor& layer : base_manifest_.layers) {
      layers.push_back(entry_of(layer));
      built.size += layer.size;
    }
    for (const NamedLayer& layer : layers_) {
      layers.push_back(entry_of(layer.layer.blob));
      built.size += layer.layer.blob.size;
    }
    const Json manifest = {{"schemaVersion", 2},
                           {"mediaType", manifest_type},
                           {"config", entry_of(*config)},
                           {"layers", std::move(layers)},
                           {"annotations",
                            {{"org.opencontainers.image.base.digest", base_.digest},
                             {"org.opencontainers.image.base.name", content_.staged.base}}}};
    auto blob = layout_.write_blob(manifest_type, manifest.dump());
    if (!blob) return tl::unexpected(std::move(blob.error()));
    blob->annotations[key_annotation] = plan_.content_key;
    blob->platform = fmt::format("{}/{}", base_config_.os, base_config_.architecture);
    if (auto named = layout_.put_image(*blob, plan_.name.text()); !named)
      return tl::unexpected(std::move(named.error()));
    built.digest = blob->digest;
    return built;
  }

  const World& world_;
  const ImagePlan& plan_;
  const Content& content_;
  const Options& options_;
  std::string item_;
  ImageLayout layout_;
  BaseImage base_;
  ImageManifest base_manifest_;
  ImageConfig base_config_;
  std::vector<NamedLayer> layers_;
};

}  // namespace

std::uint64_t layers_size(const ImageManifest& manifest) {
  return std::accumulate(manifest.layers.begin(), manifest.layers.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Descriptor& layer) { return sum + layer.size; });
}

Result<std::optional<FoundImage>> find_in_layout(const World& world, const Options& options, const std::string& name,
                                                 const std::string& content_key) {
  const ImageLayout layout(world, options.output);
  const auto images = layout.images();
  if (!images) return tl::unexpected(images.error());
  const auto says = [](const Descriptor& image, const char* key, const std::string& value) {
    const auto found = image.annotations.find(key);
    return found != image.annotations.end() && found->second == value;
  };
  const auto image = std::find_if(images->begin(), images->end(), [&](const Descriptor& candidate) {
    return says(candidate, name_annotation, name) && says(candidate, key_annotation, content_key);
  });
  if (image == images->end()) return std::nullopt;
  return FoundImage{image->digest, layout.has_image(image->digest)};
}

Result<BuiltImage> build_with_oci(const World& world, const ImagePlan& plan, const Content& content,
                                  const Options& options) {
  return OciBuilder(world, plan, content, options).build();
}

}  // namespace liminal::build
