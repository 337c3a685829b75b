// What goes into an image, before either builder makes it: the same for both.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "liminal/model/model.hpp"

namespace liminal::build {

// A file, folder or link of the image's working folder.
struct StagedFile {
  enum class Kind { file, directory, link };
  Kind kind = Kind::file;
  std::string path;           // relative, with /
  std::uint32_t mode = 0644;  // 0644 or 0755
  std::uint64_t size = 0;
  std::filesystem::path from;          // where the content is
  std::optional<std::string> content;  // the content itself, when it was generated
  std::string target;                  // of a link
};

struct StagedImage {
  std::string base;                // reference of the base image
  std::vector<StagedFile> files;   // below the working folder, sorted by the bytes of their paths
  std::string requirements;        // path among `files` of requirements.txt; empty when there is none
  std::filesystem::path pip_conf;  // a file with secrets: mounted or used in an earlier stage, never in a layer
  std::vector<StagedFile> server;  // python_server: below /opt/liminal
  std::string working_directory{model::source_folder_in_image};
  std::vector<std::string> command;      // empty: the base's own
  std::vector<std::string> environment;  // NAME=VALUE
  bool as_root = false;                  // spark: the base's user cannot write /app
  std::string content_key;
  bool no_cache = false;
  // For the docker builder: copies requirements.txt and `server` first, then the rest.
  std::string dockerfile;
};

}  // namespace liminal::build
