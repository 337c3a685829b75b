#include "base_image.hpp"

#include <fmt/format.h>

#include "liminal/base/sha256.hpp"

#include "layer_writer.hpp"
#include "registry_base.hpp"
#include "source_tree.hpp"

namespace liminal::build {

namespace {

namespace fs = std::filesystem;

// What a container's runtime mounts or makes itself.
bool is_made_at_run_time(std::string_view path) {
  for (const std::string_view folder : {"proc", "sys", "dev", "run"}) {
    if (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/') return true;
  }
  return false;
}

Result<SourceTree> root_tree(const World& world, const fs::path& folder, const Options& options) {
  return scan_and_hash(world, folder, {is_made_at_run_time, false},
                       options.cache / "rootfs" / "trees" / sha256_hex(folder.string()));
}

Result<Layer> pack_root(const World& world, const fs::path& folder, const SourceTree& tree, ImageLayout& layout) {
  auto writer = LayerWriter::create(world, layout);
  if (!writer) return tl::unexpected(writer.error());
  for (const SourceFile& file : tree.files) {
    Status done;
    if (file.kind == SourceFile::Kind::directory) done = (*writer)->directory(file.path, file.mode);
    if (file.kind == SourceFile::Kind::link) done = (*writer)->link(file.path, file.content);
    if (file.kind == SourceFile::Kind::file) {
      done = (*writer)->file_from(file.path, file.mode, file.size, folder / file.path, file.content);
    }
    if (!done) return tl::unexpected(done.error());
  }
  return (*writer)->finish();
}

Result<std::string> make_root_image(const World& world, const fs::path& folder, const SourceTree& tree,
                                    ImageLayout& layout) {
  const auto layer = pack_root(world, folder, tree, layout);
  if (!layer) return tl::unexpected(layer.error());
  const Json config = {
      {"created", "1980-01-02T00:00:00Z"},
      {"architecture", host_architecture()},
      {"os", "linux"},
      {"config", {{"Env", {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"}}}},
      {"rootfs", {{"type", "layers"}, {"diff_ids", {layer->diff_id}}}},
      {"history", Json::array({{{"created", "1980-01-02T00:00:00Z"}, {"created_by", "liminal: root file system"}}})}};
  const auto config_blob = layout.write_blob("application/vnd.oci.image.config.v1+json", config.dump());
  if (!config_blob) return tl::unexpected(config_blob.error());
  const auto entry = [](const Descriptor& blob) {
    return Json{{"mediaType", blob.media_type}, {"digest", blob.digest}, {"size", blob.size}};
  };
  const Json manifest = {{"schemaVersion", 2},
                         {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                         {"config", entry(*config_blob)},
                         {"layers", Json::array({entry(layer->blob)})}};
  const auto blob = layout.write_blob("application/vnd.oci.image.manifest.v1+json", manifest.dump());
  if (!blob) return tl::unexpected(blob.error());
  return blob->digest;
}

Result<BaseImage> find_root(const World& world, const std::string& name, const fs::path& folder,
                            const Options& options) {
  const auto tree = root_tree(world, folder, options);
  if (!tree) return tl::unexpected(tree.error());
  ImageLayout layout(world, options.cache / "rootfs" / "images");
  const std::string key = sha256_hex(tree->hash + compressor_id() + host_architecture());
  const fs::path record = options.cache / "rootfs" / "made" / key;
  const auto lock = FileLock::acquire(record.string() + ".lock", world.cancellation);
  if (!lock) return tl::unexpected(lock.error());
  if (world.files.info(record)) {
    const auto digest = world.files.read(record);
    const auto made = digest ? layout.manifest(*digest) : tl::unexpected(digest.error());
    if (made && options.no_cache) layout.remove_damaged(*made);
    if (made && layout.has_image(*made)) return BaseImage{name, *digest, layout.folder()};
  }
  if (auto prepared = layout.prepare(); !prepared) return tl::unexpected(prepared.error());
  const auto digest = make_root_image(world, folder, *tree, layout);
  if (!digest) return tl::unexpected(digest.error());
  if (auto written = world.files.write(record, *digest); !written) return tl::unexpected(written.error());
  return BaseImage{name, *digest, layout.folder()};
}

// oci:DIR or oci:DIR:NAME. Without a name the layout must hold one image.
Result<BaseImage> find_in_layout(const World& world, const std::string& name, std::string place) {
  std::string wanted;
  if (!world.files.info(fs::path(place) / "index.json")) {
    if (const auto colon = place.find(':'); colon != std::string::npos) {
      wanted = place.substr(colon + 1);
      place = place.substr(0, colon);
    }
  }
  if (!world.files.info(place)) {
    return fail(ErrorKind::usage, fmt::format("the folder {}, given for the base {}, is not there", place, name),
                "name the folder of an image layout: --base NAME=oci:DIR");
  }
  const ImageLayout layout(world, place);
  const auto images = layout.images();
  if (!images) return tl::unexpected(images.error());
  std::string digest;
  unsigned count = 0;
  for (const Descriptor& image : *images) {
    const auto label = image.annotations.find("org.opencontainers.image.ref.name");
    if (!wanted.empty() && (label == image.annotations.end() || label->second != wanted)) continue;
    digest = image.digest;
    ++count;
  }
  if (count != 1) {
    return fail(ErrorKind::usage,
                fmt::format("the image layout {} holds {} images for the base {}", place, count, name),
                "name one of them: --base NAME=oci:DIR:IMAGE");
  }
  return BaseImage{name, digest, place};
}

}  // namespace

const char* host_architecture() {
#if defined(__aarch64__)
  return "arm64";
#else
  return "amd64";
#endif
}

Result<std::string> base_place(const std::string& name, const Options& options) {
  const auto found = options.bases.find(name);
  if (found != options.bases.end()) return found->second;
  // Whoever writes a liminal.yml could otherwise have any folder of the machine put into an image.
  if (model::names_folder(name)) return tl::unexpected(model::ImageReference::parse(name).error());
  return name;
}

Result<std::string> base_identity(const World& world, const std::string& name, const Options& options) {
  auto found = base_place(name, options);
  if (!found) return found;
  const std::string& place = *found;
  if (place.starts_with("rootfs:")) {
    const auto tree = root_tree(world, place.substr(7), options);
    if (!tree) return tl::unexpected(tree.error());
    return "rootfs:" + tree->hash;
  }
  if (place.starts_with("oci:")) {
    const auto base = find_in_layout(world, name, place.substr(4));
    if (!base) return tl::unexpected(base.error());
    return base->digest;
  }
  return registry_base_digest(world, place, options);
}

Result<BaseImage> find_base(const World& world, const std::string& name, const Options& options,
                            const std::string& planned) {
  const auto found = base_place(name, options);
  if (!found) return tl::unexpected(found.error());
  const std::string& place = *found;
  if (place.starts_with("rootfs:")) return find_root(world, name, place.substr(7), options);
  if (place.starts_with("oci:")) return find_in_layout(world, name, place.substr(4));
  auto fetched = fetch_base(world, place, planned, options);
  if (!fetched) return tl::unexpected(std::move(fetched.error()));
  return BaseImage{name, std::move(fetched->digest), std::move(fetched->layout)};
}

}  // namespace liminal::build
