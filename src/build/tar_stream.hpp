// A tar archive that is made while it is read: what an HTTP request sends without a copy in memory or on disk.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/http.hpp"
#include "liminal/base/tar.hpp"

namespace liminal::build {

struct TarItem {
  TarEntry::Kind kind = TarEntry::Kind::file;
  std::string path;
  std::uint32_t mode = 0644;
  std::string link;
  std::optional<std::string> content;  // else that of the file
  std::filesystem::path file;
  std::optional<std::uint64_t> size = std::nullopt;  // of the file, when it was looked at before
};

// The archive of these items, in their order. A file of another size than it had before is an error.
[[nodiscard]] HttpBodySource tar_stream(std::vector<TarItem> items);

}  // namespace liminal::build
