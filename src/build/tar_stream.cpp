#include "tar_stream.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace liminal::build {

namespace {

constexpr std::size_t piece_size = 256U << 10U;

class TarStream {
 public:
  explicit TarStream(std::vector<TarItem> items)
      : items_(std::move(items)), writer_([this](std::string_view bytes) -> Status {
          buffer_ += bytes;
          return {};
        }) {}

  Result<std::size_t> read(char* out, std::size_t capacity) {
    while (taken_ == buffer_.size()) {
      buffer_.clear();
      taken_ = 0;
      if (finished_) return 0;
      if (auto made = make_more(); !made) return tl::unexpected(std::move(made.error()));
    }
    const std::size_t count = std::min(capacity, buffer_.size() - taken_);
    std::memcpy(out, buffer_.data() + taken_, count);
    taken_ += count;
    return count;
  }

 private:
  Status make_more() {
    if (file_) return continue_file();
    if (next_ < items_.size()) return begin_item(items_[next_++]);
    finished_ = true;
    return writer_.finish();
  }

  Status begin_item(const TarItem& item) {
    if (item.kind != TarEntry::Kind::file) return writer_.begin(item.kind, item.path, item.mode, 0, item.link);
    if (item.content) {
      if (auto begun = writer_.begin(item.kind, item.path, item.mode, item.content->size()); !begun) return begun;
      return writer_.data(*item.content);
    }
    auto file = FileReader::open(item.file);
    if (!file) return tl::unexpected(std::move(file.error()));
    if (item.size && *item.size != file->size()) return changed(item.file.string());
    file_.emplace(std::move(*file));
    name_ = item.file.string();
    offset_ = 0;
    if (auto begun = writer_.begin(item.kind, item.path, item.mode, file_->size()); !begun) return begun;
    if (file_->size() == 0) file_.reset();
    return {};
  }

  Status continue_file() {
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, file_->size() - offset_)), '\0');
    auto count = file_->read_at(offset_, piece.data(), piece.size());
    if (!count) return tl::unexpected(std::move(count.error()));
    if (*count == 0) return changed(name_);
    offset_ += *count;
    if (offset_ == file_->size()) file_.reset();
    return writer_.data(std::string_view(piece).substr(0, *count));
  }

  static Status changed(const std::string& file) {
    return fail(ErrorKind::failed, fmt::format("{} changed while it was read", file), "run it again");
  }

  std::vector<TarItem> items_;
  TarWriter writer_;
  std::string buffer_;
  std::size_t taken_ = 0;
  std::size_t next_ = 0;
  std::optional<FileReader> file_;
  std::string name_;
  std::uint64_t offset_ = 0;
  bool finished_ = false;
};

}  // namespace

HttpBodySource tar_stream(std::vector<TarItem> items) {
  const auto shared_items = std::make_shared<const std::vector<TarItem>>(std::move(items));
  const auto stream = std::make_shared<std::unique_ptr<TarStream>>(std::make_unique<TarStream>(*shared_items));
  HttpBodySource source;
  source.read = [stream](char* buffer, std::size_t capacity) { return (*stream)->read(buffer, capacity); };
  source.rewind = [stream, shared_items]() -> Status {
    *stream = std::make_unique<TarStream>(*shared_items);
    return {};
  };
  return source;
}

}  // namespace liminal::build
