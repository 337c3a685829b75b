// What an image is made of, read from the user's files: the same for planning and for either builder.
#pragma once

#include <filesystem>
#include <string>

#include "liminal/build/build.hpp"

#include "source_tree.hpp"
#include "staged_image.hpp"

namespace liminal::build {

// Everything that decides an image's bytes, each part hashed or named, so that two keys can be compared part by part.
struct ContentKey {
  std::string builder;        // docker or oci, with what its output depends on beside the content
  std::string platform;       // linux/amd64
  std::string base;           // identity of the base image
  std::string configuration;  // type, endpoints, server program: what the YAML file says beside the folder
  std::string requirements;   // what pip is asked for, its configuration included
  std::string source;         // the folder's hash

  // 64 hexadecimal digits.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const ContentKey&, const ContentKey&) = default;
};

struct Content {
  StagedImage staged;
  std::filesystem::path source_folder;
  SourceTree source;
  ContentKey key;  // without `base`, which is found apart
};

// Reads the image's source folder. Errors (usage): the folder or a file is not there, cannot be read, or is not
// allowed in an image.
[[nodiscard]] Result<Content> read_content(const World& world, const model::Image& image, Builder builder,
                                           const Options& options);

// The image with the source as the working folder's files, for a builder that hands it on.
[[nodiscard]] StagedImage staged_with_source(const Content& content);

// The base image's name as the file has it: `base`, or the type's own.
[[nodiscard]] Result<std::string> base_of(const model::Image& image);

}  // namespace liminal::build
