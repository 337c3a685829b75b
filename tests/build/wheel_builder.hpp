// Zip archives and wheels for tests, good ones and bad ones.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "liminal/base/base64.hpp"
#include "liminal/base/sha256.hpp"

namespace liminal::testing {

// Writes stored (not compressed) entries; what a good archive would not hold can be put in as well.
class ZipBuilder {
 public:
  void add(std::string name, std::string content, std::uint32_t unix_mode = 0100644) {
    entries_.push_back({std::move(name), std::move(content), unix_mode, 0});
  }
  // Says another size in the directory than the content has.
  void add_with_size(std::string name, std::string content, std::uint32_t claimed_size) {
    entries_.push_back({std::move(name), std::move(content), 0100644, claimed_size});
  }

  [[nodiscard]] std::string text() const {
    std::string archive;
    std::string directory;
    for (const Entry& entry : entries_) {
      const auto offset = archive.size();
      const std::size_t size = entry.claimed_size == 0 ? entry.content.size() : entry.claimed_size;
      const std::string common = number(20, 2) + number(0, 2) + number(0, 2) + number(0x21, 4) +
                                 number(crc(entry.content), 4) + number(entry.content.size(), 4) + number(size, 4) +
                                 number(entry.name.size(), 2) + number(0, 2);
      archive += "PK\x03\x04" + common + entry.name + entry.content;
      directory += "PK\x01\x02" + number(0x0314, 2) + common + number(0, 2) + number(0, 2) + number(0, 2) +
                   number(std::size_t{entry.unix_mode} << 16U, 4) + number(offset, 4) + entry.name;
    }
    const std::string count = number(entries_.size(), 2);
    return archive + directory + "PK\x05\x06" + number(0, 4) + count + count + number(directory.size(), 4) +
           number(archive.size(), 4) + number(0, 2);
  }

 private:
  struct Entry {
    std::string name;
    std::string content;
    std::uint32_t unix_mode;
    std::uint32_t claimed_size;
  };

  static std::string number(std::size_t value, unsigned width) {
    std::string bytes;
    for (unsigned i = 0; i < width; ++i) bytes += static_cast<char>((value >> (8U * i)) & 0xffU);
    return bytes;
  }
  static std::uint32_t crc(std::string_view bytes) {
    std::uint32_t value = 0xffffffffU;
    for (const char c : bytes) {
      value ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~value;
  }

  std::vector<Entry> entries_;
};

// As RECORD has it: sha256= and URL-safe base64 without padding.
inline std::string record_hash_of(std::string_view content) {
  const std::string hex = sha256_hex(content);
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  std::string text = base64_encode(bytes);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (text.ends_with('=')) text.pop_back();
  return "sha256=" + text;
}

// A wheel of pure Python with its metadata and a true RECORD.
class WheelBuilder {
 public:
  WheelBuilder(std::string name, std::string version) : name_(std::move(name)), version_(std::move(version)) {}

  WheelBuilder& file(const std::string& path, const std::string& content, std::uint32_t mode = 0100644) {
    zip_.add(path, content, mode);
    record_ += fmt::format("{},{},{}\n", path, record_hash_of(content), content.size());
    return *this;
  }
  WheelBuilder& dist_info(const std::string& path, const std::string& content) {
    return file(dist_info_folder() + "/" + path, content);
  }
  WheelBuilder& unrecorded(const std::string& path, const std::string& content) {
    zip_.add(path, content);
    return *this;
  }
  WheelBuilder& record_line(const std::string& line) {
    record_ += line + "\n";
    return *this;
  }
  WheelBuilder& needs(const std::string& requirement) {
    metadata_ += "Requires-Dist: " + requirement + "\n";
    return *this;
  }

  [[nodiscard]] std::string dist_info_folder() const { return fmt::format("{}-{}.dist-info", name_, version_); }
  [[nodiscard]] std::string file_name(const std::string& tag = "py3-none-any") const {
    return fmt::format("{}-{}-{}.whl", name_, version_, tag);
  }
  [[nodiscard]] std::string text() const {
    WheelBuilder whole = *this;
    whole.dist_info("METADATA",
                    fmt::format("Metadata-Version: 2.1\nName: {}\nVersion: {}\n{}", name_, version_, metadata_));
    whole.dist_info("WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
    const std::string record = dist_info_folder() + "/RECORD";
    whole.zip_.add(record, whole.record_ + record + ",,\n");
    return whole.zip_.text();
  }

 private:
  std::string name_;
  std::string version_;
  std::string metadata_;
  std::string record_;
  ZipBuilder zip_;
};

}  // namespace liminal::testing
