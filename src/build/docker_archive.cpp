#include "liminal/build/docker_archive.hpp"

#include <set>

#include <fmt/format.h>

#include "liminal/base/json.hpp"
#include "liminal/build/image_layout.hpp"

#include "tar_stream.hpp"

namespace liminal::build {

// The format of docker save: manifest.json names the configuration and the layers, which may be gzipped.
Status load_into_docker(const World& world, const docker::Client& engine, const std::filesystem::path& folder,
                        const std::string& digest, const std::vector<std::string>& names) {
  const ImageLayout layout(world, folder);
  auto manifest = layout.manifest(digest);
  if (!manifest) return tl::unexpected(std::move(manifest.error()));
  auto config = layout.read_blob(manifest->config.digest);
  if (!config) return tl::unexpected(std::move(config.error()));

  const auto hex = [](const std::string& text) { return text.substr(text.find(':') + 1); };
  Json image = {{"Config", hex(manifest->config.digest) + ".json"}, {"RepoTags", names}, {"Layers", Json::array()}};
  std::vector<TarItem> items;
  items.push_back({TarEntry::Kind::file, image["Config"].get<std::string>(), 0644, "", std::move(*config), {}});
  std::set<std::string> seen;
  for (const Descriptor& layer : manifest->layers) {
    if (layer.media_type.ends_with("+zstd")) {
      return fail(ErrorKind::failed, "the Docker Engine cannot load an image with layers compressed by zstd",
                  "push the image to a registry, and let the engine pull it");
    }
    auto path = layout.blob_path(layer.digest);
    if (!path) return tl::unexpected(std::move(path.error()));
    const std::string name = hex(layer.digest) + "/layer.tar";
    image["Layers"].push_back(name);
    if (seen.insert(name).second)
      items.push_back({TarEntry::Kind::file, name, 0644, "", std::nullopt, std::move(*path)});
  }
  items.push_back({TarEntry::Kind::file, "manifest.json", 0644, "", Json::array({image}).dump(), {}});
  auto loaded = engine.load(tar_stream(std::move(items)));
  if (!loaded) return tl::unexpected(std::move(loaded.error()));
  return {};
}

}  // namespace liminal::build
