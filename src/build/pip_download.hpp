// This machine's pip, asked for wheels for an image's Python.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "liminal/base/world.hpp"
#include "liminal/pip/requirements_file.hpp"

#include "base_index.hpp"

namespace liminal::build {

struct PipDownload {
  const pip::RequirementSet& requirements;
  const PythonEnvironment& python;
  std::filesystem::path source_folder;  // where wheel folders are
  std::filesystem::path pip_conf;       // empty: none
  std::filesystem::path folder;         // a private one, there and empty; gets `wheels` with the files
  std::filesystem::path cache;          // pip's own
};

// Errors: unavailable (no pip that can, no network), failed with pip's last lines as excerpt. What pip says goes to
// `line`, credentials taken out.
Status pip_download(const World& world, const PipDownload& download, const std::function<void(std::string_view)>& line);

}  // namespace liminal::build
