// Makes one layer: a tar whose bytes depend on its content alone, compressed, in a blob named by its digest.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/gzip.hpp"
#include "liminal/base/sha256.hpp"
#include "liminal/base/tar.hpp"
#include "liminal/build/image_layout.hpp"

namespace liminal::build {

struct Layer {
  Descriptor blob;
  std::string diff_id;  // digest of the uncompressed tar
};

class LayerWriter {
 public:
  [[nodiscard]] static Result<std::unique_ptr<LayerWriter>> create(const World& world, const ImageLayout& layout);

  // Each of these: Errors (interrupted), between two pieces of a large file too.
  Status directory(std::string_view path, std::uint32_t mode = 0755);
  Status link(std::string_view path, std::string_view target);
  Status file(std::string_view path, std::uint32_t mode, std::string_view content);
  // Content is `size` bytes of `from`; more or fewer is an error. `hash`, when not empty, is what they must hash to.
  Status file_from(std::string_view path, std::uint32_t mode, std::uint64_t size, const std::filesystem::path& from,
                   std::string_view hash);
  // For content that comes in pieces: begin, then exactly `size` bytes.
  Status begin_file(std::string_view path, std::uint32_t mode, std::uint64_t size);
  Status data(std::string_view bytes);

  Result<Layer> finish();

 private:
  LayerWriter(FileWriter file, const ImageLayout& layout, const World& world);

  const ImageLayout* layout_;
  FileWriter output_;
  Sha256 blob_hash_;
  Sha256 tar_hash_;
  std::uint64_t size_ = 0;
  GzipWriter gzip_;
  TarWriter tar_;
};

}  // namespace liminal::build
