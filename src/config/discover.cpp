#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "source_file.hpp"

namespace liminal::config {

namespace {

namespace fs = std::filesystem;

// What is made or installed, never written by hand.
constexpr std::array<std::string_view, 4> passed_over{"node_modules", "venv", "__pycache__", "site-packages"};
constexpr std::string_view mark_of_virtual_environment = "pyvenv.cfg";

bool is_liminal_file(std::string_view name) {
  return name == "liminal.yml" || name == "liminal.yaml";
}

bool is_entered(std::string_view name) {
  return !name.starts_with('.') && std::find(passed_over.begin(), passed_over.end(), name) == passed_over.end();
}

// An absolute path without `.`, `..` and a slash at its end.
fs::path tidy(const fs::path& path, const fs::path& working_folder) {
  const fs::path tidied = (working_folder / path).lexically_normal();
  return tidied.has_filename() || tidied == tidied.root_path() ? tidied : tidied.parent_path();
}

struct Found {
  std::string path;
  FileInfo::Kind kind = FileInfo::Kind::other;
  std::string problem = {};
};

// By the kind that a folder's listing gives, so that no file costs a call of its own. A folder that cannot be read is
// found too, with why: what the others hold is still worth telling.
Status search(const World& world, const std::string& folder, bool named, std::vector<Found>& found) {
  if (world.cancellation.requested()) return fail(ErrorKind::interrupted, "interrupted while folders were searched");
  const auto entries = world.files.list(folder);
  if (!entries && named) return tl::unexpected(entries.error());
  if (!entries) {
    found.push_back({folder, FileInfo::Kind::directory, entries.error().message});
    return {};
  }
  const auto is_mark = [](const DirectoryEntry& entry) { return entry.name == mark_of_virtual_environment; };
  if (!named && std::any_of(entries->begin(), entries->end(), is_mark)) return {};
  const std::string prefix = folder.ends_with('/') ? folder : folder + '/';
  for (const DirectoryEntry& entry : *entries) {
    if (entry.kind == FileInfo::Kind::directory) {
      if (!is_entered(entry.name)) continue;
      if (auto searched = search(world, prefix + entry.name, false, found); !searched) return searched;
    } else if (is_liminal_file(entry.name)) {
      found.push_back({prefix + entry.name, entry.kind});
    }
  }
  return {};
}

}  // namespace

Result<std::vector<SourceFile>> discover(const World& world, const fs::path& working_folder,
                                         const std::vector<fs::path>& paths) {
  const std::string here = tidy(working_folder, "/").string();
  std::vector<Found> found;
  std::vector<std::string> looked_in;
  for (const fs::path& given : paths) {
    const std::string path = tidy(given, here).string();
    const std::string shown = shown_as(path, here);
    const auto info = world.files.info(path);
    const auto target = world.files.info_following_links(path);
    if (!info) {
      // What may not be looked at is not told as missing.
      const auto read = world.files.read(path, 1);
      if (!read && read.error().kind == ErrorKind::unavailable) return tl::unexpected(read.error());
    }
    if (!info || (!target && info->kind != FileInfo::Kind::symlink)) {
      return fail(ErrorKind::usage, fmt::format("there is no {}", shown),
                  "name a file, or a folder that holds liminal.yml files");
    }
    if (target && target->kind == FileInfo::Kind::directory) {
      looked_in.push_back(shown == "." ? path : shown);
      if (auto searched = search(world, path, true, found); !searched) return tl::unexpected(searched.error());
    } else {
      found.push_back({path, info->kind});
    }
  }
  if (found.empty()) {
    return fail(ErrorKind::usage, fmt::format("no liminal.yml or liminal.yaml in {}", fmt::join(looked_in, ", ")),
                "name the folder that holds one, or write a first one with liminal init");
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.path < b.path; });
  const auto same = [](const Found& a, const Found& b) { return a.path == b.path; };
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  std::vector<SourceFile> files;
  files.reserve(found.size());
  for (const Found& file : found) {
    files.push_back({file.path, shown_as(file.path, here),
                     file.problem.empty() ? refusal_of(world, file.path, file.kind) : file.problem,
                     file.kind == FileInfo::Kind::directory});
  }
  return files;
}

}  // namespace liminal::config
