#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "liminal/base/tar.hpp"

namespace liminal {

namespace {

constexpr std::size_t block = 512;
constexpr std::uint64_t longest_text = 1 << 20;  // of a pax header or a GNU long name

tl::unexpected<Error> damaged(std::string_view why) {
  return fail(ErrorKind::failed, fmt::format("a tar archive is damaged: {}", why));
}

std::string text_field(const char* header, std::size_t offset, std::size_t width) {
  return {header + offset, ::strnlen(header + offset, width)};
}

// Octal digits, or GNU's base 256 for large numbers.
Result<std::uint64_t> number_field(const char* header, std::size_t offset, std::size_t width) {
  const auto first = static_cast<unsigned char>(header[offset]);
  std::uint64_t value = 0;
  if ((first & 0x80U) != 0) {
    // Negative numbers, only seen as times before 1970, are read as zero.
    if (first == 0xff) return 0;
    for (std::size_t i = width - 8; i < width; ++i) {
      value = (value << 8U) | static_cast<unsigned char>(header[offset + i]);
    }
    return value;
  }
  for (std::size_t i = 0; i < width; ++i) {
    const char c = header[offset + i];
    if (c == '\0' || c == ' ') {
      if (value != 0) break;
      continue;
    }
    if (c < '0' || c > '7') return damaged("a number is no number");
    value = value * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

bool checksum_matches(const std::array<char, block>& header) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < block; ++i) {
    sum += i >= 148 && i < 156 ? static_cast<unsigned char>(' ') : static_cast<unsigned char>(header[i]);
  }
  const auto stored = number_field(header.data(), 148, 8);
  return stored && *stored == sum;
}

Result<TarEntry::Kind> kind_of(char flag) {
  switch (flag) {
    case '\0':
    case '0':
    case '7':
      return TarEntry::Kind::file;
    case '1':
      return TarEntry::Kind::hard_link;
    case '2':
      return TarEntry::Kind::symlink;
    case '3':
      return TarEntry::Kind::character_device;
    case '4':
      return TarEntry::Kind::block_device;
    case '5':
      return TarEntry::Kind::directory;
    case '6':
      return TarEntry::Kind::fifo;
    default:
      return fail(ErrorKind::failed, fmt::format("a tar archive holds an entry of the unknown type {:#x}", flag));
  }
}

// Each part of a path is a folder that readers keep: thousands of them in one would take all memory.
bool is_bounded(std::string_view path) {
  constexpr std::size_t longest = 4096;
  constexpr std::ptrdiff_t most_parts = 256;
  return path.size() <= longest && std::count(path.begin(), path.end(), '/') <= most_parts;
}

}  // namespace

Status TarReader::read_exactly(char* buffer, std::size_t count) {
  while (count > 0) {
    const auto got = source_(buffer, count);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return damaged("it is cut off");
    buffer += *got;
    count -= *got;
  }
  return {};
}

Status TarReader::skip_content() {
  std::array<char, 16384> buffer{};
  left_ += std::exchange(padding_, 0);
  while (left_ > 0) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer.size()));
    if (auto done = read_exactly(buffer.data(), count); !done) return done;
    left_ -= count;
  }
  return {};
}

Result<std::string> TarReader::read_text(std::uint64_t size) {
  if (size > longest_text) return damaged("a header is too long");
  std::string text((size + block - 1) / block * block, '\0');
  if (auto done = read_exactly(text.data(), text.size()); !done) return tl::unexpected(done.error());
  text.resize(size);
  return text;
}

Status TarReader::apply_pax(std::string_view records, TarEntry& entry) const {
  while (!records.empty() && records.front() != '\0') {
    std::size_t length = 0;
    const auto [end, code] = std::from_chars(records.data(), records.data() + records.size(), length);
    const auto digits = static_cast<std::size_t>(end - records.data());
    if (code != std::errc{} || length <= digits + 2 || length > records.size()) return damaged("a pax record");
    const std::string_view record = records.substr(digits + 1, length - digits - 2);
    records.remove_prefix(length);
    const auto equals = record.find('=');
    if (equals == std::string_view::npos) return damaged("a pax record");
    const std::string_view key = record.substr(0, equals);
    const std::string value(record.substr(equals + 1));
    if (value.find('\0') != std::string::npos) return damaged("a pax record");
    if (key.starts_with("GNU.sparse"))
      return fail(ErrorKind::failed, "a tar archive holds a sparse file, which is not read");
    if (key == "path") entry.path = value;
    if (key == "linkpath") entry.link = value;
    if (key == "size") {
      if (std::from_chars(value.data(), value.data() + value.size(), entry.size).ec != std::errc{})
        return damaged("a size");
    }
    if (key == "uid") std::from_chars(value.data(), value.data() + value.size(), entry.owner);
    if (key == "gid") std::from_chars(value.data(), value.data() + value.size(), entry.group);
    if (key == "mtime") std::from_chars(value.data(), value.data() + value.size(), entry.modified);
  }
  return {};
}

Result<std::optional<TarEntry>> TarReader::next() {
  if (auto done = skip_content(); !done) return tl::unexpected(done.error());
  std::string pax;
  std::optional<std::string> long_path;
  std::optional<std::string> long_link;
  for (;;) {
    std::array<char, block> header{};
    const auto first = source_(header.data(), block);
    if (!first) return tl::unexpected(first.error());
    if (*first == 0) return std::nullopt;
    if (auto rest = read_exactly(header.data() + *first, block - *first); !rest) return tl::unexpected(rest.error());
    if (std::all_of(header.begin(), header.end(), [](char c) { return c == '\0'; })) return std::nullopt;
    if (!checksum_matches(header)) return damaged("a checksum is wrong");
    const auto size = number_field(header.data(), 124, 12);
    if (!size) return tl::unexpected(size.error());
    const char flag = header[156];
    if (flag == 'x' || flag == 'g' || flag == 'L' || flag == 'K') {
      auto text = read_text(*size);
      if (!text) return tl::unexpected(text.error());
      if (flag == 'x') pax = *text;
      if (flag == 'L') long_path = text->c_str();
      if (flag == 'K') long_link = text->c_str();
      continue;
    }
    TarEntry entry;
    auto kind = kind_of(flag);
    if (!kind) return tl::unexpected(kind.error());
    entry.kind = *kind;
    entry.path = text_field(header.data(), 0, 100);
    entry.link = text_field(header.data(), 157, 100);
    entry.size = *size;
    const bool ustar = std::memcmp(header.data() + 257, "ustar\0", 6) == 0;
    const std::string prefix = ustar ? text_field(header.data(), 345, 155) : std::string();
    if (!prefix.empty()) entry.path = prefix + "/" + entry.path;
    if (long_path) entry.path = *long_path;
    if (long_link) entry.link = *long_link;
    const auto mode = number_field(header.data(), 100, 8);
    const auto owner = number_field(header.data(), 108, 8);
    const auto group = number_field(header.data(), 116, 8);
    const auto modified = number_field(header.data(), 136, 12);
    const auto major = number_field(header.data(), 329, 8);
    const auto minor = number_field(header.data(), 337, 8);
    if (!mode || !owner || !group || !modified) return damaged("a number is no number");
    entry.mode = static_cast<std::uint32_t>(*mode & 07777U);
    entry.owner = *owner;
    entry.group = *group;
    entry.modified = static_cast<std::int64_t>(*modified);
    entry.device_major = static_cast<std::uint32_t>(major.value_or(0));
    entry.device_minor = static_cast<std::uint32_t>(minor.value_or(0));
    if (auto applied = apply_pax(pax, entry); !applied) return tl::unexpected(applied.error());
    if (!is_bounded(entry.path) || !is_bounded(entry.link)) return damaged("a path is longer than any system takes");
    if (entry.kind != TarEntry::Kind::file) entry.size = 0;
    left_ = entry.size;
    padding_ = (block - left_ % block) % block;
    return entry;
  }
}

Result<std::size_t> TarReader::read(char* buffer, std::size_t capacity) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left_, capacity));
  if (wanted == 0) return 0;
  auto got = source_(buffer, wanted);
  if (!got) return got;
  if (*got == 0) return damaged("it is cut off");
  left_ -= *got;
  return got;
}

}  // namespace liminal
