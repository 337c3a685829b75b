// Images of a layout for tests, made of hand-written tars (good ones and bad ones), and layers read back.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/gzip.hpp"
#include "liminal/base/sha256.hpp"
#include "liminal/base/tar.hpp"
#include "liminal/build/image_layout.hpp"

namespace liminal::testing {

// One tar; entries in the order they are put.
class TarBuilder {
 public:
  TarBuilder& file(std::string_view path, std::string_view content, std::uint32_t mode = 0644) {
    add(TarEntry::Kind::file, path, mode, content.size(), {});
    EXPECT_TRUE(writer_.data(content).has_value());
    return *this;
  }
  TarBuilder& directory(std::string_view path, std::uint32_t mode = 0755) {
    return add(TarEntry::Kind::directory, path, mode, 0, {});
  }
  TarBuilder& link(std::string_view path, std::string_view target) {
    return add(TarEntry::Kind::symlink, path, 0777, 0, target);
  }
  TarBuilder& hard_link(std::string_view path, std::string_view target) {
    return add(TarEntry::Kind::hard_link, path, 0644, 0, target);
  }
  TarBuilder& other(TarEntry::Kind kind, std::string_view path) { return add(kind, path, 0600, 0, {}); }
  std::string text() {
    EXPECT_TRUE(writer_.finish().has_value());
    return std::exchange(*bytes_, {});
  }

 private:
  TarBuilder& add(TarEntry::Kind kind, std::string_view path, std::uint32_t mode, std::uint64_t size,
                  std::string_view target) {
    EXPECT_TRUE(writer_.begin(kind, path, mode, size, target).has_value());
    return *this;
  }

  std::shared_ptr<std::string> bytes_ = std::make_shared<std::string>();
  TarWriter writer_{[bytes = bytes_](std::string_view more) -> Status {
    *bytes += more;
    return {};
  }};
};

inline std::string gzipped(std::string_view bytes) {
  std::string result;
  GzipWriter writer(
      [&result](std::string_view piece) -> Status {
        result += piece;
        return {};
      },
      1);
  EXPECT_TRUE(writer.write(bytes).has_value());
  EXPECT_TRUE(writer.finish().has_value());
  return result;
}

// Writes an image of these layers (tars, not compressed) and returns its manifest's digest.
inline std::string write_image(build::ImageLayout& layout, const std::vector<std::string>& tars,
                               const Json& config = {{"Env", {"PATH=/usr/local/bin:/usr/bin:/bin"}}}) {
  EXPECT_TRUE(layout.prepare().has_value());
  Json layers = Json::array();
  Json diff_ids = Json::array();
  const auto entry = [](const Result<build::Descriptor>& blob) {
    EXPECT_TRUE(blob.has_value());
    return Json{{"mediaType", blob->media_type}, {"digest", blob->digest}, {"size", blob->size}};
  };
  for (const std::string& tar : tars) {
    layers.push_back(entry(layout.write_blob("application/vnd.oci.image.layer.v1.tar+gzip", gzipped(tar))));
    diff_ids.push_back("sha256:" + sha256_hex(tar));
  }
  const Json image = {{"architecture", "amd64"},
                      {"os", "linux"},
                      {"config", config},
                      {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}};
  const Json manifest = {{"schemaVersion", 2},
                         {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                         {"config", entry(layout.write_blob("application/vnd.oci.image.config.v1+json", image.dump()))},
                         {"layers", layers}};
  const auto blob = layout.write_blob("application/vnd.oci.image.manifest.v1+json", manifest.dump());
  EXPECT_TRUE(blob.has_value());
  return blob->digest;
}

struct LayerEntry {
  TarEntry entry;
  std::string content;
};

inline std::vector<LayerEntry> read_layer(const build::ImageLayout& layout, const std::string& digest) {
  std::vector<LayerEntry> entries;
  const auto path = layout.blob_path(digest);
  const auto file = FileReader::open(path.value_or(""));
  EXPECT_TRUE(file.has_value());
  if (!file) return entries;
  TarReader archive(decompress(file->source()));
  for (;;) {
    const auto entry = archive.next();
    EXPECT_TRUE(entry.has_value());
    if (!entry || !*entry) return entries;
    LayerEntry read{**entry, std::string((*entry)->size, '\0')};
    for (std::size_t done = 0; done < read.content.size();) {
      const auto count = archive.read(read.content.data() + done, read.content.size() - done);
      if (!count || *count == 0) break;
      done += *count;
    }
    entries.push_back(std::move(read));
  }
}

// "d 755 path", "f 644 path" or "l path -> target" for each entry.
inline std::vector<std::string> summary(const std::vector<LayerEntry>& entries) {
  std::vector<std::string> lines;
  for (const LayerEntry& read : entries) {
    std::string path = read.entry.path;
    while (path.ends_with('/')) path.pop_back();
    if (read.entry.kind == TarEntry::Kind::symlink) {
      lines.push_back("l " + path + " -> " + read.entry.link);
      continue;
    }
    char mode[8];
    std::snprintf(mode, sizeof(mode), "%o", read.entry.mode);
    lines.push_back((read.entry.kind == TarEntry::Kind::directory ? "d " : "f ") + std::string(mode) + " " + path);
  }
  return lines;
}

}  // namespace liminal::testing
