#include "safe_path.hpp"

namespace liminal::deploy {

namespace fs = std::filesystem;

bool stays_below(const fs::path& path) {
  if (path.empty() || path.is_absolute()) return false;
  for (const fs::path& part : path) {
    if (part == ".." || part == "." || part.empty()) return false;
  }
  return true;
}

Status refuse_links(const FileSystem& files, const fs::path& folder, const fs::path& relative) {
  fs::path at = folder;
  for (const fs::path& part : relative) {
    at /= part;
    const auto info = files.info(at);
    if (info && info->kind == FileInfo::Kind::symlink)
      return fail(ErrorKind::usage, "will not write through the link " + at.string(),
                  "remove the link, or choose another folder");
  }
  return {};
}

Status refuse_root(const fs::path& folder) {
  if (!folder.lexically_normal().relative_path().empty()) return {};
  return fail(ErrorKind::usage, "will not write into /, the root of the machine", "name a folder of its own");
}

}  // namespace liminal::deploy
