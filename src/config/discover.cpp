#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "liminal/config/config.hpp"

namespace liminal::config {

namespace {

namespace fs = std::filesystem;

// What is made or installed, never written by hand.
constexpr std::array<std::string_view, 4> passed_over{"node_modules", "venv", "__pycache__", "site-packages"};

bool is_liminal_file(std::string_view name) {
  return name == "liminal.yml" || name == "liminal.yaml";
}

bool is_entered(std::string_view name) {
  return !name.starts_with('.') && std::find(passed_over.begin(), passed_over.end(), name) == passed_over.end();
}

std::string shown_as(const fs::path& path, const fs::path& working_folder) {
  const fs::path relative = path.lexically_relative(working_folder);
  const bool below = !relative.empty() && *relative.begin() != "..";
  return below ? relative.generic_string() : path.generic_string();
}

Status search(const World& world, const fs::path& folder, std::set<fs::path>& found) {
  const auto entries = world.files.list(folder);
  if (!entries) return tl::unexpected(entries.error());
  for (const DirectoryEntry& entry : *entries) {
    const bool file = entry.kind == FileInfo::Kind::regular || entry.kind == FileInfo::Kind::symlink;
    if (file && is_liminal_file(entry.name)) found.insert(folder / entry.name);
    if (entry.kind == FileInfo::Kind::directory && is_entered(entry.name)) {
      if (auto searched = search(world, folder / entry.name, found); !searched) return searched;
    }
  }
  return {};
}

}  // namespace

Result<std::vector<SourceFile>> discover(const World& world, const fs::path& working_folder,
                                         const std::vector<fs::path>& paths) {
  std::set<fs::path> found;
  std::vector<std::string> looked_in;
  for (const fs::path& path : paths) {
    const auto info = world.files.info_following_links(path);
    const std::string shown = shown_as(path, working_folder);
    if (!info)
      return fail(ErrorKind::usage, fmt::format("there is no {}", shown),
                  "name a file, or a folder that holds liminal.yml files");
    if (info->kind == FileInfo::Kind::directory) {
      looked_in.push_back(shown == "." ? path.generic_string() : shown);
      if (auto searched = search(world, path, found); !searched) return tl::unexpected(searched.error());
    } else {
      found.insert(path);
    }
  }
  if (found.empty()) {
    return fail(ErrorKind::usage, fmt::format("no liminal.yml or liminal.yaml in {}", fmt::join(looked_in, ", ")),
                "name the folder that holds one, or write a first one with liminal init");
  }
  std::vector<SourceFile> files;
  for (const fs::path& path : found) files.push_back({path, shown_as(path, working_folder)});
  return files;
}

}  // namespace liminal::config
