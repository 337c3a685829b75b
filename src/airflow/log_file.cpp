#include "log_file.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "liminal/base/file_stream.hpp"

namespace liminal::airflow {

namespace {

constexpr std::size_t piece_size = std::size_t{64} << 10U;

std::string covered(std::string_view line, const std::string& secret) {
  std::string text(line);
  for (std::size_t at = 0; !secret.empty() && (at = text.find(secret, at)) != std::string::npos;)
    text.replace(at, secret.size(), "***");
  return text;
}

// Where the last `count` lines begin. A line end at the very end begins no line.
Result<std::uint64_t> start_of_last(const FileReader& file, std::size_t count) {
  std::array<char, piece_size> piece{};
  std::uint64_t end = file.size();
  std::size_t line_ends = 0;
  while (end > 0) {
    const std::uint64_t start = end - std::min<std::uint64_t>(end, piece.size());
    const auto got = file.read_at(start, piece.data(), static_cast<std::size_t>(end - start));
    if (!got) return tl::unexpected(got.error());
    for (std::size_t i = *got; i > 0; --i) {
      if (piece[i - 1] != '\n' || start + i == file.size()) continue;
      if (++line_ends == count) return start + i;
    }
    end = start;
  }
  return 0;
}

}  // namespace

LogFile::LogFile(std::filesystem::path path, std::string secret, OnLine on_line)
    : path_(std::move(path)),
      secret_(std::move(secret)),
      on_line_(std::move(on_line)),
      lines_([this](std::string_view line) { on_line_(covered(line, secret_)); }) {}

Status LogFile::tell_last(std::size_t count) {
  const auto file = FileReader::open(path_);
  if (!file) return tl::unexpected(file.error());
  offset_ = file->size();
  if (count == 0) return {};
  const auto start = start_of_last(*file, count);
  if (!start) return tl::unexpected(start.error());
  offset_ = *start;
  return tell_new();
}

Status LogFile::tell_from(std::uint64_t offset) {
  offset_ = offset;
  return tell_new();
}

Status LogFile::tell_new() {
  const auto file = FileReader::open(path_);
  if (!file) return tl::unexpected(file.error());
  if (file->size() < offset_) offset_ = 0;
  std::array<char, piece_size> piece{};
  while (true) {
    const auto got = file->read_at(offset_, piece.data(), piece.size());
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return {};
    lines_.feed({piece.data(), *got});
    offset_ += *got;
  }
}

}  // namespace liminal::airflow
