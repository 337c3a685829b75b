#include "layer_writer.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace liminal::build {

Result<std::unique_ptr<LayerWriter>> LayerWriter::create(const World& world, const ImageLayout& layout) {
  auto file = FileWriter::create(layout.folder() / "blobs" / "sha256");
  if (!file) return tl::unexpected(file.error());
  return std::unique_ptr<LayerWriter>(new LayerWriter(*std::move(file), layout, world));
}

LayerWriter::LayerWriter(FileWriter file, const ImageLayout& layout, const World& world)
    : layout_(&layout),
      output_(std::move(file)),
      gzip_(
          [this](std::string_view bytes) {
            blob_hash_.update(bytes);
            size_ += bytes.size();
            return output_.write(bytes);
          },
          world.jobs),
      tar_([this, &cancellation = world.cancellation](std::string_view bytes) -> Status {
        if (cancellation.requested()) return fail(ErrorKind::interrupted, "the build was interrupted");
        tar_hash_.update(bytes);
        return gzip_.write(bytes);
      }) {}

Status LayerWriter::directory(std::string_view path, std::uint32_t mode) {
  return tar_.begin(TarEntry::Kind::directory, path, mode);
}

Status LayerWriter::link(std::string_view path, std::string_view target) {
  return tar_.begin(TarEntry::Kind::symlink, path, 0777, 0, target);
}

Status LayerWriter::begin_file(std::string_view path, std::uint32_t mode, std::uint64_t size) {
  return tar_.begin(TarEntry::Kind::file, path, mode, size);
}

Status LayerWriter::data(std::string_view bytes) {
  return tar_.data(bytes);
}

Status LayerWriter::file(std::string_view path, std::uint32_t mode, std::string_view content) {
  if (auto begun = begin_file(path, mode, content.size()); !begun) return begun;
  return data(content);
}

Status LayerWriter::file_from(std::string_view path, std::uint32_t mode, std::uint64_t size,
                              const std::filesystem::path& from, std::string_view hash) {
  const auto changed = [&] {
    return fail(ErrorKind::failed, fmt::format("{} changed while it was packed", from.string()), "build again");
  };
  const auto reader = FileReader::open(from);
  if (!reader) return tl::unexpected(reader.error());
  if (reader->size() != size) return changed();
  if (auto begun = begin_file(path, mode, size); !begun) return begun;
  Sha256 content;
  std::vector<char> buffer(std::size_t{256} << 10U);
  std::uint64_t offset = 0;
  while (offset < size) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size - offset, buffer.size()));
    const auto count = reader->read_at(offset, buffer.data(), wanted);
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) return changed();
    offset += *count;
    content.update({buffer.data(), *count});
    if (auto done = data({buffer.data(), *count}); !done) return done;
  }
  if (!hash.empty() && content.hex() != hash) return changed();
  return {};
}

Result<Layer> LayerWriter::finish() {
  if (auto done = tar_.finish(); !done) return tl::unexpected(done.error());
  if (auto done = gzip_.finish(); !done) return tl::unexpected(done.error());
  Layer layer;
  layer.diff_id = "sha256:" + tar_hash_.hex();
  layer.blob = {"application/vnd.oci.image.layer.v1.tar+gzip", "sha256:" + blob_hash_.hex(), size_, {}, {}};
  const auto path = layout_->blob_path(layer.blob.digest);
  if (!path) return tl::unexpected(path.error());
  if (auto done = output_.commit(*path); !done) return tl::unexpected(done.error());
  return layer;
}

}  // namespace liminal::build
