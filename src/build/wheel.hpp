// Wheels (PEP 427) as files of an image: unpacked by our own rules, so that the same wheels always give the same bytes,
// whatever machine, umask or Python unpacked them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "liminal/base/zip.hpp"

#include "base_index.hpp"

namespace liminal::build {

struct Wheel {
  std::filesystem::path file;
  std::string name;  // file name
  std::string sha256;
};

// One file of an image that comes from a wheel, or was generated for it.
struct InstalledFile {
  std::string path;  // relative to the root
  std::uint32_t mode = 0644;
  std::uint64_t size = 0;
  std::string hash;                    // of its content, as RECORD spells it; read the content through `write_content`
  std::string content;                 // when generated
  const ZipReader* archive = nullptr;  // otherwise
  const ZipEntry* entry = nullptr;
};

// The files of one wheel, its own RECORD believed until the content is read. `archive` must outlive the result. Errors
// (failed): not a wheel, a path that leaves its place.
[[nodiscard]] Result<std::vector<InstalledFile>> install_wheel(const Wheel& wheel, const ZipReader& archive,
                                                               const PythonEnvironment& python);

// The content to the sink, read once. Errors (failed): it is not what its RECORD says.
Status write_content(const Wheel& wheel, const InstalledFile& file, const ByteSink& sink);

// A distribution's name in the one spelling that compares (PEP 503).
[[nodiscard]] std::string normalised_name(std::string_view name);

}  // namespace liminal::build
