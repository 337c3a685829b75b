// An OCI image layout on disk (OCI image-spec, image-layout.md): blobs by digest, and an index of named images.
// Several processes may read and write one layout at once; one that is killed leaves it whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/json.hpp"
#include "liminal/base/world.hpp"

namespace liminal::build {

// A blob by content (image-spec, descriptor.md).
struct Descriptor {
  std::string media_type;
  std::string digest;  // sha256:...
  std::uint64_t size = 0;
  std::map<std::string, std::string> annotations;
  std::string platform;  // OS/ARCHITECTURE; empty when not said
};

struct ImageManifest {
  Descriptor config;
  std::vector<Descriptor> layers;  // lowest first
  std::map<std::string, std::string> annotations;
};

// What a container made from an image starts with (image-spec, config.md).
struct ImageConfig {
  std::string os;
  std::string architecture;
  std::vector<std::string> environment;  // NAME=VALUE
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::string working_directory;
  std::string user;  // empty: root
  std::map<std::string, std::string> labels;
  std::vector<std::string> diff_ids;  // of the layers, unpacked
  Json json;                          // the whole configuration, members in their order
};

[[nodiscard]] Result<ImageManifest> parse_manifest(std::string_view json);
[[nodiscard]] Result<ImageConfig> parse_config(std::string_view json);

// Reads and writes the layout in one folder. Cheap to make; holds no state but its folder.
class ImageLayout {
 public:
  ImageLayout(const World& world, std::filesystem::path folder) : world_(&world), folder_(std::move(folder)) {}

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] bool has_blob(const std::string& digest) const;
  // It is there, and as long as its descriptor says where that says it: one that is cut off is as good as none.
  [[nodiscard]] bool has_whole(const Descriptor& blob) const;
  // All blobs of an image are there and whole.
  [[nodiscard]] bool has_image(const std::string& manifest_digest) const;
  // The same of a manifest that was read.
  [[nodiscard]] bool has_image(const ImageManifest& manifest) const;
  // Where the blob of a well-formed digest is or would be; an error for anything that is no sha256 digest.
  [[nodiscard]] Result<std::filesystem::path> blob_path(const std::string& digest) const;
  // A small blob (manifest, configuration), its digest checked.
  [[nodiscard]] Result<std::string> read_blob(const std::string& digest) const;
  [[nodiscard]] Result<ImageManifest> manifest(const std::string& digest) const;
  [[nodiscard]] Result<ImageConfig> config(const ImageManifest& manifest) const;

  // The images of the index, in its order; no layout there is an empty list.
  [[nodiscard]] Result<std::vector<Descriptor>> images() const;

  // Makes the folder a layout when it is not one yet, and clears away what killed programs left in it.
  Status prepare();
  // Returns the blob's descriptor.
  Result<Descriptor> write_blob(std::string media_type, std::string_view content);
  // Takes over a file that has this content, by hard link where that works. A blob that is there and whole stays.
  Status add_blob_file(const Descriptor& blob, const std::filesystem::path& file) const;
  // Takes over an image's layers from another layout.
  Status add_layers(const ImageManifest& manifest, const ImageLayout& from) const;
  // Removes layers whose content is not what their name says: they are put there anew. Reads all of them.
  void remove_damaged(const ImageManifest& manifest) const;
  // Names a manifest in the index, in place of what had the name (`org.opencontainers.image.ref.name`). Under a lock.
  Status put_image(const Descriptor& manifest, const std::string& name);

 private:
  void remove_leftovers();

  const World* world_;
  std::filesystem::path folder_;
};

}  // namespace liminal::build
