#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include <zlib.h>
#include <zstd.h>

#include "liminal/base/gzip.hpp"

namespace liminal {

namespace {

constexpr std::size_t input_size = std::size_t{256} << 10U;

// Input with a look-ahead for the magic number.
struct Input {
  ByteSource source;
  std::vector<char> buffer = std::vector<char>(input_size);
  std::size_t begin = 0;
  std::size_t end = 0;
  bool ended = false;

  // More bytes behind those there are; false at the end.
  Result<bool> fill() {
    if (begin == end) begin = end = 0;
    if (begin > 0) {
      std::memmove(buffer.data(), buffer.data() + begin, end - begin);
      end -= begin;
      begin = 0;
    }
    if (ended || end == buffer.size()) return end > begin;
    const auto count = source(buffer.data() + end, buffer.size() - end);
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) ended = true;
    end += *count;
    return *count > 0;
  }
};

class Inflater {
 public:
  explicit Inflater(std::shared_ptr<Input> input) : input_(std::move(input)) { inflateInit2(&stream_, 15 + 16); }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  Result<std::size_t> read(char* buffer, std::size_t capacity) {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(capacity, 1U << 30U));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted) {
      if (input_->begin == input_->end) {
        const auto more = input_->fill();
        if (!more) return tl::unexpected(more.error());
        if (!*more) {
          if (!between_members_) return fail(ErrorKind::failed, "a gzip stream is cut off");
          return 0;
        }
      }
      if (std::exchange(between_members_, false)) inflateReset(&stream_);
      stream_.next_in = reinterpret_cast<Bytef*>(input_->buffer.data() + input_->begin);
      stream_.avail_in = static_cast<uInt>(input_->end - input_->begin);
      const int outcome = inflate(&stream_, Z_NO_FLUSH);
      input_->begin = input_->end - stream_.avail_in;
      if (outcome == Z_STREAM_END) {
        between_members_ = true;
      } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
        return fail(ErrorKind::failed, "a gzip stream is damaged");
      }
    }
    return wanted - stream_.avail_out;
  }

 private:
  std::shared_ptr<Input> input_;
  z_stream stream_{};
  bool between_members_ = false;
};

class ZstdReader {
 public:
  explicit ZstdReader(std::shared_ptr<Input> input) : input_(std::move(input)), context_(ZSTD_createDCtx()) {}
  ~ZstdReader() { ZSTD_freeDCtx(context_); }
  ZstdReader(const ZstdReader&) = delete;
  ZstdReader& operator=(const ZstdReader&) = delete;

  Result<std::size_t> read(char* buffer, std::size_t capacity) {
    ZSTD_outBuffer out{buffer, capacity, 0};
    while (out.pos == 0) {
      if (input_->begin == input_->end) {
        const auto more = input_->fill();
        if (!more) return tl::unexpected(more.error());
        if (!*more) {
          if (needed_ != 0) return fail(ErrorKind::failed, "a zstd stream is cut off");
          return 0;
        }
      }
      ZSTD_inBuffer in{input_->buffer.data() + input_->begin, input_->end - input_->begin, 0};
      needed_ = ZSTD_decompressStream(context_, &out, &in);
      if (ZSTD_isError(needed_) != 0) return fail(ErrorKind::failed, "a zstd stream is damaged");
      input_->begin += in.pos;
    }
    return out.pos;
  }

 private:
  std::shared_ptr<Input> input_;
  ZSTD_DCtx* context_;
  std::size_t needed_ = 0;
};

Result<ByteSource> choose(const std::shared_ptr<Input>& input) {
  while (input->end - input->begin < 4) {
    const auto more = input->fill();
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
  }
  const std::string_view start(input->buffer.data() + input->begin, input->end - input->begin);
  if (start.starts_with("\x1f\x8b")) {
    return ByteSource([reader = std::make_shared<Inflater>(input)](char* buffer, std::size_t capacity) {
      return reader->read(buffer, capacity);
    });
  }
  if (start.starts_with("\x28\xb5\x2f\xfd")) {
    return ByteSource([reader = std::make_shared<ZstdReader>(input)](char* buffer, std::size_t capacity) {
      return reader->read(buffer, capacity);
    });
  }
  return ByteSource([input](char* buffer, std::size_t capacity) -> Result<std::size_t> {
    if (input->begin == input->end) {
      const auto more = input->fill();
      if (!more) return tl::unexpected(more.error());
    }
    const std::size_t count = std::min(capacity, input->end - input->begin);
    std::memcpy(buffer, input->buffer.data() + input->begin, count);
    input->begin += count;
    return count;
  });
}

}  // namespace

ByteSource decompress(ByteSource compressed) {
  auto input = std::make_shared<Input>();
  input->source = std::move(compressed);
  return [input, chosen = ByteSource()](char* buffer, std::size_t capacity) mutable -> Result<std::size_t> {
    if (!chosen) {
      auto reader = choose(input);
      if (!reader) return tl::unexpected(reader.error());
      chosen = *std::move(reader);
    }
    return chosen(buffer, capacity);
  };
}

}  // namespace liminal
