// Zip archives (PKWARE APPNOTE), read by their central directory; stored and deflated entries, zip64. Strict: what two
// readers could understand in two ways is refused.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "liminal/base/byte_stream.hpp"
#include "liminal/base/file_stream.hpp"

namespace liminal {

struct ZipEntry {
  std::string name;
  std::uint64_t size = 0;             // unpacked
  std::uint64_t compressed_size = 0;  // in the archive
  std::uint64_t header_offset = 0;
  std::uint32_t crc = 0;
  std::uint16_t method = 0;     // 0 stored, 8 deflated
  std::uint32_t unix_mode = 0;  // with the file type; 0 when the archive says none
};

class ZipReader {
 public:
  // Errors (failed): damaged, encrypted, another compression, two entries of one name.
  [[nodiscard]] static Result<ZipReader> open(const std::filesystem::path& path);
  [[nodiscard]] const std::vector<ZipEntry>& entries() const { return entries_; }
  // Its content to the sink; size and checksum are checked.
  Status extract(const ZipEntry& entry, const ByteSink& sink) const;
  [[nodiscard]] Result<std::string> read(const ZipEntry& entry, std::uint64_t limit) const;

 private:
  explicit ZipReader(FileReader file) : file_(std::move(file)) {}
  Status read_directory();

  FileReader file_;
  std::vector<ZipEntry> entries_;
};

}  // namespace liminal
