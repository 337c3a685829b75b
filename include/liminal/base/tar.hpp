// tar archives: written in one fixed dialect (POSIX ustar, pax records only where ustar cannot say it), read in those
// and GNU's. Nothing of the machine gets in: owner 0:0, no names of users, one time for every entry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "liminal/base/byte_stream.hpp"

namespace liminal {

// 1980-01-02T00:00:00Z, the time of every entry that is written: zip files cannot hold an earlier one than 1980, and a
// day later it is so in every time zone.
inline constexpr std::int64_t archive_time = 315'619'200;

struct TarEntry {
  enum class Kind { file, directory, symlink, hard_link, character_device, block_device, fifo };
  Kind kind = Kind::file;
  std::string path;  // as it stands in the archive
  std::string link;  // of symlinks and hard links
  std::uint32_t mode = 0644;
  std::uint64_t size = 0;
  std::uint64_t owner = 0;
  std::uint64_t group = 0;
  std::int64_t modified = archive_time;  // seconds since the epoch
  std::uint32_t device_major = 0;
  std::uint32_t device_minor = 0;
};

class TarWriter {
 public:
  explicit TarWriter(ByteSink sink) : sink_(std::move(sink)) {}
  // For a file, exactly `size` bytes of data follow.
  Status begin(TarEntry::Kind kind, std::string_view path, std::uint32_t mode, std::uint64_t size = 0,
               std::string_view link = {});
  Status data(std::string_view bytes);
  Status finish();

 private:
  Status pad();

  ByteSink sink_;
  std::uint64_t size_ = 0;
};

class TarReader {
 public:
  explicit TarReader(ByteSource source) : source_(std::move(source)) {}
  // The next entry; empty at the end. What is left of the last one's content is skipped.
  Result<std::optional<TarEntry>> next();
  // Content of the entry; 0 at its end.
  Result<std::size_t> read(char* buffer, std::size_t capacity);

 private:
  Status read_exactly(char* buffer, std::size_t count);
  Status skip_content();
  Result<std::string> read_text(std::uint64_t size);
  Status apply_pax(std::string_view records, TarEntry& entry) const;

  ByteSource source_;
  std::uint64_t left_ = 0;     // of the entry's content
  std::uint64_t padding_ = 0;  // behind it
};

}  // namespace liminal
