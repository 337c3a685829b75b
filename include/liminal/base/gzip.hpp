// gzip (RFC 1952) whose bytes depend on the input alone, and reading of gzip and zstd.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/byte_stream.hpp"

namespace liminal {

// Names everything the compressed bytes depend on beside the input: library and version, level, block size. Part of an
// image's content key.
[[nodiscard]] std::string compressor_id();

// One gzip member of independent blocks of fixed size: the same bytes for any number of threads. Header without time
// and name, operating system 255 (unknown).
class GzipWriter {
 public:
  GzipWriter(ByteSink sink, unsigned threads);
  Status write(std::string_view bytes);
  Status finish();

 private:
  Status compress_blocks(bool last);

  ByteSink sink_;
  unsigned threads_;
  std::string pending_;
  bool header_written_ = false;
  std::uint32_t crc_ = 0;
  std::uint64_t length_ = 0;
};

// The content of a gzip or zstd stream, told by its first bytes; anything else passes through. The source must outlive
// what is returned. Errors (failed): damaged or cut off.
[[nodiscard]] ByteSource decompress(ByteSource compressed);

}  // namespace liminal
