#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "liminal/base/tar.hpp"

namespace liminal {

namespace {

constexpr std::size_t block = 512;
using Header = std::array<char, block>;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void put(Header& header, std::size_t offset, std::string_view text) {
  std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(offset));
}

void put_octal(Header& header, std::size_t offset, std::size_t width, std::uint64_t value) {
  put(header, offset, fmt::format("{:0{}o}", value, width - 1));
}

char type_flag(TarEntry::Kind kind) {
  switch (kind) {
    case TarEntry::Kind::file:
      return '0';
    case TarEntry::Kind::hard_link:
      return '1';
    case TarEntry::Kind::symlink:
      return '2';
    case TarEntry::Kind::character_device:
      return '3';
    case TarEntry::Kind::block_device:
      return '4';
    case TarEntry::Kind::directory:
      return '5';
    case TarEntry::Kind::fifo:
      return '6';
  }
  return '0';
}

// Where a long path is cut into prefix and name; npos when it does not fit.
std::size_t cut(std::string_view path) {
  if (path.size() <= 100) return 0;
  const std::size_t slash = path.rfind('/', std::min<std::size_t>(155, path.size() - 2));
  if (slash != std::string_view::npos && slash > 0 && path.size() - slash - 1 <= 100) return slash;
  return std::string_view::npos;
}

std::string make_header(char flag, std::string_view path, std::uint32_t mode, std::uint64_t size,
                        std::string_view link) {
  Header header{};
  const std::size_t slash = cut(path);
  if (slash == 0 || slash == std::string_view::npos) {
    put(header, 0, path.substr(0, 100));
  } else {
    put(header, 345, path.substr(0, slash));
    put(header, 0, path.substr(slash + 1));
  }
  put_octal(header, 100, 8, mode);
  put_octal(header, 108, 8, 0);
  put_octal(header, 116, 8, 0);
  put_octal(header, 124, 12, size);
  put_octal(header, 136, 12, static_cast<std::uint64_t>(archive_time));
  put(header, 148, "        ");
  header[156] = flag;
  put(header, 157, link.substr(0, 100));
  put(header, 257, std::string_view("ustar\00000", 8));
  put_octal(header, 329, 8, 0);
  put_octal(header, 337, 8, 0);
  unsigned sum = 0;
  for (const char byte : header) sum += static_cast<unsigned char>(byte);
  put(header, 148, fmt::format("{:06o}", sum));
  header[154] = '\0';
  return {header.data(), header.size()};
}

// "LENGTH KEY=VALUE\n", where the length counts itself.
std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length) length = std::to_string(length).size() + rest;
  return fmt::format("{} {}={}\n", length, key, value);
}

std::string padded(std::string text) {
  text.resize((text.size() + block - 1) / block * block, '\0');
  return text;
}

}  // namespace

Status TarWriter::begin(TarEntry::Kind kind, std::string_view path, std::uint32_t mode, std::uint64_t size,
                        std::string_view link) {
  if (auto padded_before = pad(); !padded_before) return padded_before;
  std::string name(path);
  if (kind == TarEntry::Kind::directory) name += '/';
  std::string records;
  if (link.size() > 100 || !is_ascii(link)) records += pax_record("linkpath", link);
  if (cut(name) == std::string_view::npos || !is_ascii(name)) records += pax_record("path", name);
  constexpr std::uint64_t largest = (std::uint64_t{1} << 33U) - 1;
  if (size > largest) records += pax_record("size", std::to_string(size));
  if (!records.empty()) {
    if (auto sent = sink_(make_header('x', "././@PaxHeader", 0644, records.size(), {}) + padded(records)); !sent) {
      return sent;
    }
  }
  size_ = size;
  return sink_(make_header(type_flag(kind), name, mode, std::min(size, largest), link));
}

Status TarWriter::data(std::string_view bytes) {
  return sink_(bytes);
}

Status TarWriter::pad() {
  const std::size_t count = (block - size_ % block) % block;
  size_ = 0;
  if (count == 0) return {};
  return sink_(std::string(count, '\0'));
}

Status TarWriter::finish() {
  if (auto padded_before = pad(); !padded_before) return padded_before;
  return sink_(std::string(2 * block, '\0'));
}

}  // namespace liminal
