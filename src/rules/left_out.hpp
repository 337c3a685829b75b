// What stays out of an image though its source folder has it.
#pragma once

#include <filesystem>
#include <unordered_map>

#include "liminal/model/ignore_rules.hpp"
#include "liminal/rules/rule.hpp"

namespace liminal::rules {

// Reads each image's .dockerignore once; one that cannot be read leaves nothing out, as the build will tell.
class LeftOut {
 public:
  explicit LeftOut(const FileSystem& files) : files_(files) {}
  // `path`: below the image's source folder.
  [[nodiscard]] bool contains(const model::Image& image, const std::filesystem::path& path);

 private:
  const FileSystem& files_;
  std::unordered_map<const model::Image*, model::IgnoreRules> rules_;
};

}  // namespace liminal::rules
