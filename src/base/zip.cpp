#include "liminal/base/zip.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <zlib.h>

namespace liminal {

namespace {

constexpr std::uint64_t largest_directory = 256ULL << 20U;

tl::unexpected<Error> damaged(std::string_view why) {
  return fail(ErrorKind::failed, fmt::format("a zip archive is damaged: {}", why));
}

std::uint64_t little_endian(std::string_view bytes, std::size_t offset, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = (value << 8U) | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

Result<std::string> read_exactly(const FileReader& file, std::uint64_t offset, std::uint64_t size) {
  if (offset > file.size() || size > file.size() - offset) return damaged("it is cut off");
  std::string bytes(size, '\0');
  const auto count = file.read_at(offset, bytes.data(), bytes.size());
  if (!count) return tl::unexpected(count.error());
  if (*count != size) return damaged("it is cut off");
  return bytes;
}

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t count = 0;
};

// The end record; with zip64, the one it points to.
Result<Directory> find_directory(const FileReader& file) {
  const std::uint64_t tail_size = std::min<std::uint64_t>(file.size(), 65535 + 22);
  const auto tail = read_exactly(file, file.size() - tail_size, tail_size);
  if (!tail) return tl::unexpected(tail.error());
  const auto found = tail->rfind("PK\x05\x06");
  if (found == std::string::npos || found + 22 > tail->size()) return damaged("no central directory");
  Directory directory{little_endian(*tail, found + 16, 4), little_endian(*tail, found + 12, 4),
                      little_endian(*tail, found + 10, 2)};
  if (directory.offset != 0xffffffff && directory.size != 0xffffffff && directory.count != 0xffff) return directory;
  if (found < 20 || tail->compare(found - 20, 4, "PK\x06\x07") != 0) return directory;
  const auto record = read_exactly(file, little_endian(*tail, found - 20 + 8, 8), 56);
  if (!record) return tl::unexpected(record.error());
  if (!record->starts_with("PK\x06\x06")) return damaged("its zip64 record");
  return Directory{little_endian(*record, 48, 8), little_endian(*record, 40, 8), little_endian(*record, 32, 8)};
}

// Sizes and offset that did not fit in 32 bits stand in the zip64 extra field, in this order.
Status apply_zip64(std::string_view extra, ZipEntry& entry) {
  while (extra.size() >= 4) {
    const auto id = little_endian(extra, 0, 2);
    const auto size = little_endian(extra, 2, 2);
    if (size > extra.size() - 4) return damaged("an extra field");
    if (id == 1) {
      std::string_view fields = extra.substr(4, size);
      for (std::uint64_t* value : {&entry.size, &entry.compressed_size, &entry.header_offset}) {
        if (*value != 0xffffffff) continue;
        if (fields.size() < 8) return damaged("a zip64 field");
        *value = little_endian(fields, 0, 8);
        fields.remove_prefix(8);
      }
    }
    extra.remove_prefix(4 + size);
  }
  return {};
}

}  // namespace

Result<ZipReader> ZipReader::open(const std::filesystem::path& path) {
  auto file = FileReader::open(path);
  if (!file) return tl::unexpected(file.error());
  ZipReader reader(*std::move(file));
  if (auto read = reader.read_directory(); !read) {
    return tl::unexpected(std::move(read.error()).wrap(fmt::format("cannot read {}", path.filename().string())));
  }
  return reader;
}

Status ZipReader::read_directory() {
  const auto directory = find_directory(file_);
  if (!directory) return tl::unexpected(directory.error());
  if (directory->size > largest_directory) return damaged("its directory is too large");
  const auto bytes = read_exactly(file_, directory->offset, directory->size);
  if (!bytes) return tl::unexpected(bytes.error());
  std::string_view rest = *bytes;
  std::set<std::string> names;
  for (std::uint64_t i = 0; i < directory->count; ++i) {
    if (rest.size() < 46 || !rest.starts_with("PK\x01\x02")) return damaged("a directory entry");
    const auto name_size = little_endian(rest, 28, 2);
    const auto extra_size = little_endian(rest, 30, 2);
    const auto comment_size = little_endian(rest, 32, 2);
    if (rest.size() < 46 + name_size + extra_size + comment_size) return damaged("a directory entry");
    ZipEntry entry;
    const auto made_by = little_endian(rest, 5, 1);
    if ((little_endian(rest, 8, 2) & 1U) != 0) return fail(ErrorKind::failed, "a zip archive is encrypted");
    entry.method = static_cast<std::uint16_t>(little_endian(rest, 10, 2));
    entry.crc = static_cast<std::uint32_t>(little_endian(rest, 16, 4));
    entry.compressed_size = little_endian(rest, 20, 4);
    entry.size = little_endian(rest, 24, 4);
    if (made_by == 3) entry.unix_mode = static_cast<std::uint32_t>(little_endian(rest, 38, 4) >> 16U);
    entry.header_offset = little_endian(rest, 42, 4);
    entry.name = rest.substr(46, name_size);
    if (auto applied = apply_zip64(rest.substr(46 + name_size, extra_size), entry); !applied) return applied;
    if (entry.method != 0 && entry.method != 8)
      return fail(ErrorKind::failed,
                  fmt::format("a zip archive uses compression method {}, which is not read", entry.method));
    if (!names.insert(entry.name).second)
      return fail(ErrorKind::failed, fmt::format("a zip archive holds {} twice", entry.name));
    rest.remove_prefix(46 + name_size + extra_size + comment_size);
    entries_.push_back(std::move(entry));
  }
  return {};
}

Status ZipReader::extract(const ZipEntry& entry, const ByteSink& sink) const {
  const auto header = read_exactly(file_, entry.header_offset, 30);
  if (!header) return tl::unexpected(header.error());
  if (!header->starts_with("PK\x03\x04")) return damaged("an entry's header");
  const std::uint64_t name_size = little_endian(*header, 26, 2);
  const auto name = read_exactly(file_, entry.header_offset + 30, name_size);
  if (!name || *name != entry.name) return damaged("an entry has two names");
  std::uint64_t offset = entry.header_offset + 30 + name_size + little_endian(*header, 28, 2);
  if (offset > file_.size() || entry.compressed_size > file_.size() - offset) return damaged("it is cut off");

  z_stream stream{};
  inflateInit2(&stream, -15);
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
  std::vector<char> input(std::size_t{256} << 10U);
  std::vector<char> output(std::size_t{256} << 10U);
  std::uint64_t left = entry.compressed_size;
  std::uint64_t produced = 0;
  uLong crc = 0;
  bool ended = entry.method == 0;
  const auto produce = [&](const char* bytes, std::size_t count) -> Status {
    produced += count;
    if (produced > entry.size) return damaged("an entry is longer than it says");
    crc = crc32(crc, reinterpret_cast<const Bytef*>(bytes), static_cast<uInt>(count));
    return sink(std::string_view(bytes, count));
  };
  while (left > 0) {
    const auto count =
        file_.read_at(offset, input.data(), static_cast<std::size_t>(std::min<std::uint64_t>(left, input.size())));
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) return damaged("it is cut off");
    offset += *count;
    left -= *count;
    if (entry.method == 0) {
      if (auto done = produce(input.data(), *count); !done) return done;
      continue;
    }
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(*count);
    do {
      stream.next_out = reinterpret_cast<Bytef*>(output.data());
      stream.avail_out = static_cast<uInt>(output.size());
      const int outcome = inflate(&stream, Z_NO_FLUSH);
      if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) return damaged("an entry's data");
      if (auto done = produce(output.data(), output.size() - stream.avail_out); !done) return done;
      ended = outcome == Z_STREAM_END;
    } while (!ended && stream.avail_out == 0);
    if (ended) break;
  }
  if (!ended || produced != entry.size || crc != entry.crc)
    return damaged(fmt::format("{} has a wrong checksum", entry.name));
  return {};
}

Result<std::string> ZipReader::read(const ZipEntry& entry, std::uint64_t limit) const {
  if (entry.size > limit) return fail(ErrorKind::failed, fmt::format("{} is larger than {} bytes", entry.name, limit));
  std::string content;
  auto done = extract(entry, [&](std::string_view bytes) -> Status {
    content += bytes;
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  return content;
}

}  // namespace liminal
