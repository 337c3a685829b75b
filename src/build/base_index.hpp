// What files a base image has, from its layers' archives, and the Python among them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/tar.hpp"
#include "liminal/build/image_layout.hpp"

namespace liminal::build {

class BaseIndex {
 public:
  enum class Kind : char { file = 'f', directory = 'd', link = 'l' };

  // Reads all layers once per image and keeps the result in `cache`.
  [[nodiscard]] static Result<BaseIndex> of(const World& world, const ImageLayout& layout, const std::string& digest,
                                            const ImageManifest& manifest, const std::filesystem::path& cache);

  [[nodiscard]] bool has(std::string_view path) const;
  [[nodiscard]] bool is_directory(std::string_view path) const;
  // The path with every link on the way followed, as far as it exists; absolute links start at the image's root.
  [[nodiscard]] std::string resolve(std::string_view path) const;
  // Names in a folder, sorted.
  [[nodiscard]] std::vector<std::string> list(std::string_view folder) const;
  [[nodiscard]] int glibc_minor() const { return glibc_minor_; }  // 36 for 2.36; 0: none found
  [[nodiscard]] bool has_musl() const { return musl_; }
  // 3.N.P of a Python 3.N in the image; empty when it could not be told.
  [[nodiscard]] std::string python_version(int minor) const;
  // The files that an installed distribution's RECORD names, as they stand there; `path` is the RECORD's.
  [[nodiscard]] std::vector<std::string> record(std::string_view path) const;

 private:
  struct Entry {
    Kind kind = Kind::file;
    std::string target;  // of a link; of a file what is known of its content
  };
  Status look_into(TarReader& archive, const std::string& path, std::uint64_t size);
  Status add_layer(const std::filesystem::path& blob);
  void add(const std::string& path, Entry entry);
  void remove_below(const std::string& folder);
  void hide(const std::string& path, const std::set<std::string, std::less<>>& placed);
  [[nodiscard]] std::string to_text() const;
  [[nodiscard]] bool from_text(std::string_view text);

  std::map<std::string, Entry, std::less<>> entries_;
  int glibc_minor_ = 0;
  bool musl_ = false;
};

// The Python that a container of the image finds first.
struct PythonEnvironment {
  int minor = 0;                           // of Python 3
  std::string version;                     // 3.11.2
  std::string interpreter;                 // /usr/local/bin/python3
  std::string prefix;                      // usr/local
  std::string site_packages;               // where we install; relative to the root, links followed
  std::string scripts;                     // usr/local/bin
  std::vector<std::string> search_path;    // all folders of installed distributions
  std::vector<std::string> platform_tags;  // most specific first
  std::string machine;                     // x86_64
};

[[nodiscard]] Result<PythonEnvironment> find_python(const BaseIndex& index, const ImageConfig& config,
                                                    const std::string& base);

}  // namespace liminal::build
