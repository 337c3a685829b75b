#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "liminal/base/edit_distance.hpp"
#include "liminal/base/letter_case.hpp"
#include "liminal/base/path_pattern.hpp"
#include "liminal/config/config.hpp"

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

// Of a file whose name is a slip away from liminal.yml, the name that it should have; else empty.
std::string meant_name(std::string_view name) {
  constexpr std::size_t shortest = 10;
  constexpr std::size_t longest = 13;
  if (name.size() < shortest || name.size() > longest) return {};
  const std::string lower = to_lower(name);
  const std::size_t dot = std::min(lower.rfind('.'), lower.size());
  const std::string ending = lower.substr(dot);
  const bool near = (ending == ".yml" || ending == ".yaml") && edit_distance(lower.substr(0, dot), "liminal") <= 1;
  return near ? "liminal" + ending : std::string();
}

// One of the patterns of what is not searched, which mean what they mean in a .gitignore.
struct Exclusion {
  explicit Exclusion(const std::string& text) : typed(text) {
    std::string_view rest = typed;
    if (rest.starts_with("./")) rest.remove_prefix(1);
    // All that is below a folder is the folder, which is then not even listed.
    const bool all_below = rest.size() > 3 && rest.ends_with("/**");
    if (all_below) rest.remove_suffix(2);
    folders_alone = rest.ends_with('/');
    while (rest.ends_with('/')) rest.remove_suffix(1);
    whole_path = all_below || rest.find('/') != std::string_view::npos;
    if (rest.starts_with('/')) rest.remove_prefix(1);
    pattern = rest;
  }

  [[nodiscard]] bool covers(std::string_view path, bool is_folder) const {
    if (folders_alone && !is_folder) return false;
    return matches_pattern(pattern, whole_path ? path : path.substr(path.rfind('/') + 1));
  }

  std::string typed;
  std::string pattern;
  bool folders_alone = false;
  bool whole_path = false;  // and not the last name of it
};

class Search {
 public:
  Search(const World& world, std::string here, const std::vector<std::string>& exclude)
      : world_(world), here_(std::move(here)), exclude_(exclude.begin(), exclude.end()) {}

  // By the kind that a folder's listing gives, so that no file costs a call of its own. A folder that cannot be read is
  // found too, with why: what the others hold is still worth telling.
  Status look_in(const std::string& folder, bool named) {
    if (world_.cancellation.requested()) return fail(ErrorKind::interrupted, "interrupted while folders were searched");
    const auto entries = world_.files.list(folder);
    if (!entries && named) return tl::unexpected(entries.error());
    if (!entries) {
      found.push_back({folder, FileInfo::Kind::directory, entries.error().message});
      return {};
    }
    const auto is_mark = [](const DirectoryEntry& entry) { return entry.name == mark_of_virtual_environment; };
    if (!named && std::any_of(entries->begin(), entries->end(), is_mark)) return {};
    const std::string prefix = folder.ends_with('/') ? folder : folder + '/';
    for (const DirectoryEntry& entry : *entries) {
      const std::string path = prefix + entry.name;
      const bool is_folder = entry.kind == FileInfo::Kind::directory;
      if (is_folder ? !is_entered(entry.name) : meant_name(entry.name).empty()) continue;
      if (is_excluded(path, is_folder)) continue;
      if (is_folder && is_liminal_file(entry.name)) {
        // Somebody takes it for a file: a mount point that nothing was mounted on, say.
        found.push_back({path, FileInfo::Kind::other});
      } else if (is_folder) {
        if (auto searched = look_in(path, false); !searched) return searched;
      } else if (is_liminal_file(entry.name)) {
        found.push_back({path, entry.kind});
      } else if (misnamed_.empty()) {
        misnamed_ = path;
      }
    }
    return {};
  }

  // What to do where nothing was found.
  [[nodiscard]] std::string advice() const {
    if (!misnamed_.empty())
      return fmt::format("found {}: rename it to {}", shown_as(misnamed_, here_),
                         meant_name(fs::path(misnamed_).filename().string()));
    if (!excluded_.empty()) return fmt::format("{}; name a file itself to have it read", excluded_);
    return "name the folder that holds one, or write a first one with liminal init";
  }

  std::vector<Found> found;

 private:
  bool is_excluded(const std::string& path, bool is_folder) {
    if (exclude_.empty()) return false;
    const std::string shown = shown_as(path, here_);
    const auto by = std::find_if(exclude_.begin(), exclude_.end(),
                                 [&](const Exclusion& one) { return one.covers(shown, is_folder); });
    if (by == exclude_.end()) return false;
    if (excluded_.empty()) excluded_ = fmt::format("--exclude {} leaves out {}", by->typed, shown);
    return true;
  }

  const World& world_;
  std::string here_;
  std::vector<Exclusion> exclude_;
  std::string misnamed_;  // the first path whose name is nearly right
  std::string excluded_;  // the first path that was left out, and why
};

}  // namespace

Result<std::vector<SourceFile>> discover(const World& world, const fs::path& working_folder,
                                         const std::vector<fs::path>& paths, const std::vector<std::string>& exclude) {
  const std::string here = tidy(working_folder, "/").string();
  Search search(world, here, exclude);
  std::vector<Found>& found = search.found;
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
      if (auto searched = search.look_in(path, true); !searched) return tl::unexpected(searched.error());
    } else {
      found.push_back({path, info->kind});
    }
  }
  if (found.empty()) {
    return fail(ErrorKind::usage, fmt::format("no liminal.yml or liminal.yaml in {}", fmt::join(looked_in, ", ")),
                search.advice());
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
